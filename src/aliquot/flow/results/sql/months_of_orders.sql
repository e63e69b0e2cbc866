-- Between which ids the results of these orders stand, and from which on what they are compared with: as constants, so that
-- the planner leaves out all other months before a statement runs. `collected`: the earliest collection that is known besides.
SELECT results_since(least(min(o.placed_at), now())) AS since, month_begins(now() + interval '32 days') AS until,
       results_since(least(min(o.placed_at), min(s.collected_at), %(collected)s::timestamptz, now())
                     - make_interval(days => %(look_back)s::integer)) AS compared_since
  FROM lab_order o
  LEFT JOIN specimen s ON s.order_id = o.id
 WHERE o.id = ANY(%(orders)s::bigint[]);
