-- Write what became of requests that were taken to be sent; messages of an earlier try that never settled are given up.
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS x (id bigint, state text, codes text[], detail text)
), given_up AS (
    UPDATE message m SET state = 'undelivered'
      FROM given
     WHERE m.request_id = given.id AND m.state = 'sending'
)
UPDATE work_request w
   SET state = given.state, codes = given.codes, detail = given.detail, changed_at = %(at)s,
       attempts = w.attempts + (given.state = 'sending')::integer
  FROM given
 WHERE w.id = given.id;
