-- Keep one event for each subject, in the transaction that made it happen.
INSERT INTO event (kind, subject_id, at)
SELECT %(kind)s, subject, %(at)s FROM unnest(%(subjects)s::bigint[]) AS subject;
