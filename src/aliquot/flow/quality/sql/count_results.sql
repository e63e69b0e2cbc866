-- Count patient results towards the next control run, where a plan asks for one after so many; says of each whether its run is due.
WITH held AS (
    SELECT c.plan_id, p.analyzer_id, p.test_id, p.every_results, given.count
      FROM unnest(%(analyzers)s::bigint[], %(tests)s::bigint[], %(counts)s::integer[]) AS given (analyzer_id, test_id, count)
      JOIN control_plan p ON p.analyzer_id = given.analyzer_id AND p.test_id = given.test_id AND p.until IS NULL
      JOIN control_count c ON c.plan_id = p.id
     ORDER BY c.plan_id
       FOR NO KEY UPDATE OF c
)
UPDATE control_count c SET results = c.results + held.count
  FROM held
 WHERE c.plan_id = held.plan_id
RETURNING held.analyzer_id, held.test_id, c.results >= held.every_results AND c.results - held.count < held.every_results AS is_due;
