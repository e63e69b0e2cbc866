-- Make a month of a table, the rows that carry it moved there; whether it was not there before.
SELECT add_month(%(table)s, %(month)s::integer);
