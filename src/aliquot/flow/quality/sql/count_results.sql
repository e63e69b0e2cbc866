-- Count patient results towards the next control run, where a plan asks for one after so many; those whose run is due come back.
WITH held AS (
    SELECT c.plan_id, given.count
      FROM unnest(%(analyzers)s::bigint[], %(tests)s::bigint[], %(counts)s::integer[]) AS given (analyzer_id, test_id, count)
      JOIN control_plan p ON p.analyzer_id = given.analyzer_id AND p.test_id = given.test_id AND p.until IS NULL
      JOIN control_count c ON c.plan_id = p.id
     ORDER BY c.plan_id
       FOR NO KEY UPDATE OF c
), counted AS (
    UPDATE control_count c SET results = c.results + held.count FROM held WHERE c.plan_id = held.plan_id
    RETURNING c.plan_id, c.results, held.count
)
SELECT p.analyzer_id, p.test_id
  FROM counted JOIN control_plan p ON p.id = counted.plan_id
 WHERE counted.results >= p.every_results AND counted.results - counted.count < p.every_results;
