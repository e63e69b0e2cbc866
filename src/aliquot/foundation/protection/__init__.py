"""Row security, rights and audit of every table, applied from one declaration after each migration."""
