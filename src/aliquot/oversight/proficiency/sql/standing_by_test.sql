-- How a laboratory stands in each test that it was assessed in or is due to be: its last round by analyzer, and the next one.
WITH last AS (
    SELECT DISTINCT ON (o.test_id) o.test_id, o.round_id, o.at
    FROM eqa_score o
    WHERE o.laboratory_id = %(laboratory)s::bigint
    ORDER BY o.test_id, o.at DESC, o.round_id DESC
),
scored AS (
    SELECT last.test_id, last.round_id, last.at, r.code, o.is_further, coalesce(max(a.code), '') AS analyzer,
           avg(o.z) AS mean_z,
           count(*) FILTER (WHERE o.signal IN ('action', 'missing'))::int AS failed,
           count(*) FILTER (WHERE o.signal = 'warning')::int AS warned,
           count(*) FILTER (WHERE o.signal <> 'not_scored')::int AS counted
    FROM last
    JOIN eqa_score o ON o.round_id = last.round_id AND o.test_id = last.test_id
                    AND o.laboratory_id = %(laboratory)s::bigint
    JOIN eqa_round r ON r.id = last.round_id
    LEFT JOIN eqa_result e ON e.id = o.result_id
    LEFT JOIN analyzer a ON a.id = e.analyzer_id
    GROUP BY last.test_id, last.round_id, last.at, r.code, o.is_further, CASE WHEN o.is_further THEN a.id END
),
due AS (
    SELECT i.test_id, min(r.submit_by) AS submit_by
    FROM eqa_participation p
    JOIN eqa_round r ON r.id = p.round_id AND r.state = 'open'
    JOIN eqa_item i ON i.round_id = r.id
    WHERE p.laboratory_id = %(laboratory)s::bigint AND p.submitted_at IS NULL
    GROUP BY i.test_id
),
planned AS (
    SELECT t.id AS test_id, min(e.samples_on) AS samples_on
    FROM eqa_planned e
    JOIN test t ON t.code = ANY(e.tests)
    WHERE e.laboratory_id = %(laboratory)s::bigint AND e.round_id IS NULL AND e.dropped_why = ''
    GROUP BY t.id
)
SELECT t.id AS test_id, t.code, t.name_en, t.name_ru, coalesce(s.analyzer, '') AS analyzer,
       coalesce(s.is_further, false) AS is_further, s.round_id, s.code AS round, s.at, s.mean_z,
       coalesce(s.failed, 0) AS failed, coalesce(s.warned, 0) AS warned, coalesce(s.counted, 0) AS counted,
       due.submit_by AS next_due, planned.samples_on AS next_planned
FROM test t
LEFT JOIN scored s ON s.test_id = t.id
LEFT JOIN due ON due.test_id = t.id
LEFT JOIN planned ON planned.test_id = t.id
WHERE s.test_id IS NOT NULL OR due.test_id IS NOT NULL OR planned.test_id IS NOT NULL
ORDER BY t.code, is_further, analyzer
LIMIT %(limit)s::int
