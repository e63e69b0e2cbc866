-- Whoever opens a result has left those that he looked at before; what nobody looked at for long is forgotten.
DELETE FROM result_claim
 WHERE (by = %(by)s AND result_id <> %(result)s) OR until < %(at)s - interval '10 minutes';
