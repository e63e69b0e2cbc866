-- The rounds that a laboratory takes part in, the newest first: what came, what was returned, how it did.
SELECT r.id, r.code, r.scheme, r.provider, r.kind, r.state, r.submit_by, r.closed_at, p.code AS participant,
       p.submitted_at, p.score_percent, p.is_satisfactory,
       (SELECT count(*) FROM eqa_sample s WHERE s.round_id = r.id)::int AS samples,
       (SELECT count(*) FROM eqa_receipt c JOIN eqa_sample s ON s.id = c.sample_id
         WHERE s.round_id = r.id AND c.laboratory_id = p.laboratory_id)::int AS received,
       (SELECT count(*) FROM eqa_item i WHERE i.round_id = r.id)::int AS items,
       (SELECT count(*) FROM eqa_result e
         WHERE e.round_id = r.id AND e.laboratory_id = p.laboratory_id AND NOT e.is_further)::int AS returned,
       (SELECT count(*) FROM eqa_score o JOIN eqa_case f ON f.score_id = o.id
         WHERE o.round_id = r.id AND o.laboratory_id = p.laboratory_id AND f.state = 'open')::int AS open_cases
FROM eqa_participation p
JOIN eqa_round r ON r.id = p.round_id
WHERE p.laboratory_id = %(laboratory)s::bigint
ORDER BY r.opened_at DESC, r.id DESC
LIMIT %(limit)s::int
