-- Released computed values that stand beside other inputs than their own; the database refuses them, so there are none.
SELECT r.id, o.number
  FROM order_item d
  JOIN result r ON r.id = d.result_id AND r.derived_from IS NOT NULL
  JOIN lab_order o ON o.id = d.order_id
 WHERE r.state = 'released'
   AND EXISTS (SELECT 1 FROM unnest(r.derived_from) AS input (id)
                WHERE NOT EXISTS (SELECT 1 FROM order_item i WHERE i.order_id = d.order_id AND i.result_id = input.id))
 LIMIT %(limit)s;
