-- What analyzers answered to messages of the outbox: taken, or refused and then for a person to see.
WITH given AS (
    SELECT * FROM unnest(%(messages)s::bigint[], %(accepted)s::boolean[], %(details)s::text[])
               AS given (id, accepted, detail)
), settled AS (
    UPDATE message m
       SET state = CASE WHEN given.accepted THEN 'delivered' ELSE 'quarantined' END,
           problems = CASE WHEN given.accepted THEN m.problems
                           ELSE m.problems || jsonb_build_array(jsonb_build_object(
                                'code', 'order_refused', 'detail', given.detail, 'specimen', coalesce((
                                SELECT s.number FROM work_request w JOIN specimen s ON s.id = w.specimen_id
                                 WHERE w.id = m.request_id), '?'))) END
      FROM given
     WHERE m.id = given.id AND m.is_outgoing AND m.state IN ('sending', 'sent')
    RETURNING m.id, m.request_id, given.accepted, given.detail
), requests AS (
    SELECT request_id, bool_and(accepted) AS accepted, max(detail) AS detail
      FROM settled WHERE request_id IS NOT NULL GROUP BY request_id
), noted AS (
    UPDATE work_request w
       SET state = CASE WHEN r.accepted THEN 'accepted' ELSE 'refused' END, changed_at = %(at)s,
           detail = CASE WHEN r.accepted THEN w.detail ELSE r.detail END
      FROM requests r
     WHERE w.id = r.request_id AND w.state IN ('sending', 'sent')
)
SELECT id FROM settled;
