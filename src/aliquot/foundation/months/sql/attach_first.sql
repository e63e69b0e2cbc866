-- Make a filled table the part of the ids that carry no month; it has the number 0.
SELECT attach_first(%(table)s), %(month)s::integer;
