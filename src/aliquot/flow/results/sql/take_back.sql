-- A person takes back what he decided himself a moment ago: the results are again what they were.
WITH given AS (
    UPDATE decision d
       SET ended_at = %(at)s, was_taken_back = true
     WHERE d.result_id = ANY(%(ids)s::bigint[]) AND d.by = %(by)s AND d.ended_at IS NULL AND d.until > %(at)s
    RETURNING d.result_id, d.kind, d.was
)
UPDATE result r
   SET state = given.was ->> 'state', reasons = given.was -> 'reasons',
       decided_at = (given.was ->> 'decided_at')::timestamptz, released_at = NULL, released_by = ''
  FROM given
 WHERE r.id = given.result_id AND r.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[])
RETURNING r.id, r.order_id, r.order_item_id, given.kind;
