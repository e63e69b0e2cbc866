-- Close the orders of which nothing is open any more: completed, or cancelled when every test was; say which and how.
UPDATE lab_order o
   SET state = CASE WHEN counted.live = 0 THEN 'cancelled' ELSE 'completed' END,
       completed_at = CASE WHEN counted.live > 0 THEN %(at)s::timestamptz END,
       cancelled_at = CASE WHEN counted.live = 0 THEN %(at)s::timestamptz END,
       cancel_reason = CASE WHEN counted.live = 0 THEN %(reason)s ELSE '' END
  FROM (SELECT i.order_id, count(*) FILTER (WHERE i.state = 'open') AS open,
               count(*) FILTER (WHERE i.state <> 'cancelled') AS live
          FROM order_item i WHERE i.order_id = ANY(%(orders)s::bigint[]) GROUP BY i.order_id) counted
 WHERE o.id = counted.order_id AND counted.open = 0 AND o.state = 'placed'
RETURNING o.id, o.state;
