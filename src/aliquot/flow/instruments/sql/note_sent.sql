-- A message went over the line; the request it carries is sent when none of its messages is on its way any more.
WITH sent AS (
    UPDATE message SET state = 'sent' WHERE id = %(message)s AND state = 'sending' RETURNING id, request_id
), settled AS (
    UPDATE work_request w SET state = 'sent', changed_at = %(at)s
      FROM sent
     WHERE w.id = sent.request_id AND w.state = 'sending'
       AND NOT EXISTS (SELECT 1 FROM message m
                        WHERE m.request_id = w.id AND m.state = 'sending' AND m.id <> sent.id)
)
SELECT count(*) FROM sent;
