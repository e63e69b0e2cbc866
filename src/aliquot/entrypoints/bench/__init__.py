"""Measures the program as it runs: real sockets and processes, its own database, a plain baseline beside."""
