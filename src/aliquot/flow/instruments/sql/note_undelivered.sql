-- A message was not taken: its work is queued again after a while, or after too many tries waits for a person.
WITH old AS (
    SELECT m.id, m.state, w.id AS request_id, coalesce(w.attempts, 0) AS attempts
      FROM message m
      LEFT JOIN work_request w ON w.id = m.request_id AND w.state = 'sending'
     WHERE m.id = %(id)s AND m.state IN ('sent', 'asked', 'sending')
       FOR UPDATE OF m
), settled AS (
    UPDATE message m
       SET state = CASE WHEN old.request_id IS NOT NULL AND old.attempts < %(most)s THEN 'undelivered'
                        ELSE 'quarantined' END,
           problems = m.problems || %(problems)s::jsonb
      FROM old
     WHERE m.id = old.id AND (m.state = 'sending' OR old.request_id IS NULL)
), again AS (
    UPDATE work_request w
       SET state = CASE WHEN old.attempts < %(most)s THEN 'queued' ELSE 'undelivered' END,
           not_before = now() + old.attempts * interval '15 seconds', detail = %(detail)s, changed_at = now()
      FROM old
     WHERE w.id = old.request_id
)
SELECT count(*) FROM old;
