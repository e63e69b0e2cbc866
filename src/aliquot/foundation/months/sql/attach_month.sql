-- Make a filled table the part of its month.
SELECT attach_month(%(table)s, %(month)s::integer);
