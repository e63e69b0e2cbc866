-- The numbers that participants returned for an item, with their group and signal; which ones, row security says.
SELECT e.laboratory_id, p.code AS participant, e.value, e.method, coalesce(o.signal, '') AS signal, o.z
FROM eqa_result e
JOIN eqa_participation p ON p.round_id = e.round_id AND p.laboratory_id = e.laboratory_id
LEFT JOIN eqa_score o ON o.item_id = e.item_id AND o.laboratory_id = e.laboratory_id
WHERE e.item_id = %(item)s::bigint AND e.value IS NOT NULL
ORDER BY e.value, e.id
