-- The newest counted results of each level that rules over runs may look at before a run, in the order of run and level; rejected runs and all before a repair are left out.
SELECT c.id
  FROM (SELECT c.id, r.number, l.level,
               row_number() OVER (PARTITION BY l.level ORDER BY r.number DESC, c.id DESC) AS newest
          FROM (SELECT r.id, r.number FROM control_run r
                 WHERE r.analyzer_id = %(analyzer)s AND r.test_id = %(test)s AND r.number < %(number)s
                   AND r.number >= %(number)s - 20 * %(depth)s  -- a level that is left out for longer begins anew
                   AND r.verdict IN ('accepted', 'warning')
                   AND r.number > coalesce(
                       (SELECT max(m.number) FROM control_violation v JOIN control_run m ON m.id = v.run_id
                         WHERE v.analyzer_id = %(analyzer)s AND v.test_id = %(test)s AND v.is_rejection
                           AND v.cause NOT IN ('', 'chance', 'control')), 0)) r
          JOIN control_result c ON c.run_id = r.id
          JOIN control_lot l ON l.id = c.lot_id
         WHERE c.is_counted AND c.z IS NOT NULL) c
 WHERE c.newest <= %(depth)s
 ORDER BY c.number, c.level, c.id;
