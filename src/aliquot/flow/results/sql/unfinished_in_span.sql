-- What in a span of results is not finished: values without a decision, orders that are not complete, calls to make.
SELECT (SELECT count(*) FROM result r
         WHERE r.id >= %(low)s::bigint AND r.id < %(high)s::bigint AND r.state IN ('recorded', 'held', 'recalled')) AS undecided,
       (SELECT count(DISTINCT r.order_id) FROM result r
          JOIN lab_order o ON o.id = r.order_id AND o.state = 'placed'
         WHERE r.id >= %(low)s::bigint AND r.id < %(high)s::bigint) AS open_orders,
       (SELECT count(*) FROM critical_call c
         WHERE c.state = 'open' AND c.result_id >= %(low)s::bigint AND c.result_id < %(high)s::bigint) AS open_calls;
