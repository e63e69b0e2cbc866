-- The results that these changed rows concern: themselves, those of a tube, those of the order of a final report.
SELECT unnest(%(results)s::bigint[]) AS id
UNION
SELECT r.id
  FROM specimen p
  JOIN lab_order o ON o.id = p.order_id
 CROSS JOIN LATERAL (SELECT x.id FROM result x WHERE x.order_id = o.id AND x.specimen_id = p.id AND x.id >= results_since(o.placed_at)) r
 WHERE p.id = ANY (%(specimens)s::bigint[])
UNION
SELECT r.id
  FROM report c
  JOIN lab_order o ON o.id = c.order_id
 CROSS JOIN LATERAL (SELECT x.id FROM result x WHERE x.order_id = o.id AND x.id >= results_since(o.placed_at)) r
 WHERE c.id = ANY (%(reports)s::bigint[]) AND c.kind = 'final';
