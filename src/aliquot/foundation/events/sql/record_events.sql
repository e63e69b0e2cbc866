-- Keep one event for each subject, in the transaction that made it happen.
INSERT INTO event (kind, subject_id, at, not_before)
SELECT %(kind)s, subject, %(at)s, %(not_before)s::timestamptz FROM unnest(%(subjects)s::bigint[]) AS subject;
