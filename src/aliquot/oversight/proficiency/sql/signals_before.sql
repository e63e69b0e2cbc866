-- What the scores of the round before said, for laboratories and tests; items that were not scored count for nothing.
WITH earlier AS (
    SELECT laboratory_id, test_id, signal, at,
           max(at) OVER (PARTITION BY laboratory_id, test_id) AS newest
    FROM eqa_score
    WHERE laboratory_id = ANY(%(laboratories)s::bigint[])
      AND test_id = ANY(%(tests)s::bigint[])
      AND round_id <> %(round)s::bigint
      AND signal <> 'not_scored'
)
SELECT laboratory_id, test_id, array_agg(DISTINCT signal)
FROM earlier
WHERE at = newest
GROUP BY laboratory_id, test_id
