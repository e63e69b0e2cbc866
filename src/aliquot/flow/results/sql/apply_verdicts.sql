-- Write the verdicts of a batch and say which were; a result that somebody decided meanwhile keeps what it has.
-- The state is an expression here, lest the planner starts from the index of what is to be decided.
UPDATE result r
   SET state = given.state, flag = given.flag, low = given.low, high = given.high, reasons = given.reasons::jsonb,
       -- decided again, a result carries each sentence once
       comment = CASE WHEN position(given.comment IN r.comment) > 0 THEN r.comment
                      ELSE concat_ws(E'\n', nullif(r.comment, ''), nullif(given.comment, '')) END,
       is_automatic = given.state = 'released', decided_at = %(at)s,
       released_at = CASE WHEN given.state = 'released' THEN %(at)s END,
       released_by = CASE WHEN given.state = 'released' THEN %(by)s ELSE '' END
  FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(flags)s::text[], %(lows)s::numeric[], %(highs)s::numeric[],
              %(reasons)s::text[], %(comments)s::text[]) AS given (id, state, flag, low, high, reasons, comment)
 WHERE r.id = given.id AND r.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[])
   AND r.state || '' = 'recorded'
RETURNING r.id;
