-- Note that a question needs no answer any more.
UPDATE message SET state = 'answered' WHERE id = %(id)s AND state = 'asked';
