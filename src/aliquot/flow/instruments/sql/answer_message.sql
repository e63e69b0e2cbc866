-- Note that a question was answered.
UPDATE message SET state = 'answered' WHERE id = %(id)s AND state = 'asked';
