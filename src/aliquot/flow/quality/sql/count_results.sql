-- Count patient results towards the next control run, where a plan asks for one after so many since the newest good one; says of each whether its run is due
-- although it stands in control. A good run begins the count anew here, so that whoever files controls waits for nobody who counts.
WITH held AS (
    SELECT c.plan_id, p.analyzer_id, p.test_id, p.every_results, given.count, good.id AS run_id
      FROM unnest(%(analyzers)s::bigint[], %(tests)s::bigint[], %(counts)s::integer[]) AS given (analyzer_id, test_id, count)
      JOIN control_plan p ON p.analyzer_id = given.analyzer_id AND p.test_id = given.test_id AND p.until IS NULL
      JOIN control_count c ON c.plan_id = p.id
      LEFT JOIN LATERAL (SELECT r.id FROM control_run r
                          WHERE r.analyzer_id = p.analyzer_id AND r.test_id = p.test_id AND r.is_complete AND r.verdict IN ('accepted', 'warning')
                          ORDER BY r.began_at DESC, r.number DESC LIMIT 1) good ON true
     ORDER BY c.plan_id
       FOR NO KEY UPDATE OF c
), counted AS (
    UPDATE control_count c
       SET results = CASE WHEN held.run_id > coalesce(c.run_id, 0) THEN 0 ELSE c.results END + held.count,
           run_id = greatest(c.run_id, held.run_id)
      FROM held
     WHERE c.plan_id = held.plan_id
    RETURNING held.analyzer_id, held.test_id, c.results >= held.every_results AS is_reached
)
SELECT n.analyzer_id, n.test_id
  FROM counted n
  JOIN release_state q ON q.analyzer_id = n.analyzer_id AND q.test_id = n.test_id AND q.until IS NULL AND q.qc_state = 'in_control'
 WHERE n.is_reached;
