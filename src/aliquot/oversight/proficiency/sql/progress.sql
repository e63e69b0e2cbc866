-- Every participant of a round: what it has received and returned, whether it submitted, how it did.
SELECT p.laboratory_id, p.code, p.submitted_at, p.score_percent, p.is_satisfactory,
       (SELECT count(*) FROM eqa_receipt c JOIN eqa_sample s ON s.id = c.sample_id
         WHERE s.round_id = p.round_id AND c.laboratory_id = p.laboratory_id)::int AS received,
       (SELECT count(*) FROM eqa_result e
         WHERE e.round_id = p.round_id AND e.laboratory_id = p.laboratory_id AND NOT e.is_further)::int AS returned,
       (SELECT count(*) FROM eqa_score o
         WHERE o.round_id = p.round_id AND o.laboratory_id = p.laboratory_id
           AND o.signal IN ('action', 'missing'))::int AS failed
FROM eqa_participation p
WHERE p.round_id = %(round)s::bigint
ORDER BY p.code, p.id
