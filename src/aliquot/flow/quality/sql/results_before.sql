-- The newest counted results of each lot that rules over runs may look at before a run, in the order of time and level; rejected runs and all before a repair are left out.
WITH lately AS (
    SELECT r.id, r.number, r.began_at, r.verdict
      FROM control_run r
     WHERE r.analyzer_id = %(analyzer)s AND r.test_id = %(test)s AND (r.began_at, r.number) < (%(began_at)s::timestamptz, %(number)s::integer)
     ORDER BY r.began_at DESC, r.number DESC
     LIMIT 20 * %(depth)s::integer  -- a level that is left out for longer begins anew
)
SELECT c.id
  FROM (SELECT c.id, r.began_at, r.number, l.level,
               row_number() OVER (PARTITION BY c.lot_id ORDER BY r.began_at DESC, r.number DESC, c.id DESC) AS newest
          FROM lately r
          JOIN control_result c ON c.run_id = r.id
          JOIN control_lot l ON l.id = c.lot_id
         WHERE c.is_counted AND c.z IS NOT NULL AND r.verdict IN ('accepted', 'warning')
           AND r.began_at > coalesce((SELECT max(m.began_at) FROM lately m JOIN control_violation v ON v.run_id = m.id
                                       WHERE v.is_rejection AND v.cause NOT IN ('', 'chance', 'control')), '-infinity')) c
 WHERE c.newest <= %(depth)s
 ORDER BY c.began_at, c.number, c.level, c.id;
