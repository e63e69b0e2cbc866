"""Write a package, and make a running region of one."""
