-- The newest scores of a laboratory in a test over rounds, with what was returned and assigned, and on which analyzer.
SELECT r.id AS round_id, r.code AS round, r.scheme, s.code AS sample, o.at, o.signal, o.judged_by, o.z, o.z_prime,
       o.zeta, o.en, o.sdi, o.d_percent, o.distance, e.value, e.text, i.unit, t.x_pt, t.sigma_pt,
       coalesce(a.code, '') AS analyzer, o.is_further
FROM eqa_score o
JOIN eqa_item i ON i.id = o.item_id
JOIN eqa_sample s ON s.id = i.sample_id
JOIN eqa_round r ON r.id = o.round_id
JOIN eqa_target t ON t.item_id = i.id
LEFT JOIN eqa_result e ON e.id = o.result_id
LEFT JOIN analyzer a ON a.id = e.analyzer_id
WHERE o.laboratory_id = %(laboratory)s::bigint AND o.test_id = %(test)s::bigint
ORDER BY o.at DESC, o.id DESC
LIMIT %(limit)s::int
