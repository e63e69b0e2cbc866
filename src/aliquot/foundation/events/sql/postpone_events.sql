-- Note that the reaction to this subject failed, and let it wait twice as long each time, an hour at most.
UPDATE event
   SET attempts = attempts + 1, fault = %(fault)s,
       not_before = clock_timestamp() + least(interval '5 seconds' * 2 ^ least(attempts, 12), interval '1 hour')
 WHERE kind = %(kind)s AND subject_id = %(subject)s;
