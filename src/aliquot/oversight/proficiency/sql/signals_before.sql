-- What the scores of the round before said, for laboratories, tests and further analyzers; what was not scored counts for nothing.
WITH scored AS (
    SELECT o.laboratory_id, o.test_id, CASE WHEN o.is_further THEN e.analyzer_id END AS analyzer_id, o.signal, o.at
    FROM eqa_score o
    LEFT JOIN eqa_result e ON e.id = o.result_id
    WHERE o.laboratory_id = ANY(%(laboratories)s::bigint[])
      AND o.test_id = ANY(%(tests)s::bigint[])
      AND o.round_id <> %(round)s::bigint
      AND o.signal <> 'not_scored'
), earlier AS (
    SELECT *, max(at) OVER (PARTITION BY laboratory_id, test_id, analyzer_id) AS newest FROM scored
)
SELECT laboratory_id, test_id, analyzer_id, array_agg(DISTINCT signal)
FROM earlier
WHERE at = newest
GROUP BY laboratory_id, test_id, analyzer_id
