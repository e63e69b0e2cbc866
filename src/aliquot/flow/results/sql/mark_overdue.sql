-- Results that wait longer than their test allows since the tube was accepted, or whose call is overdue, come first; one
-- that somebody holds just now is left for the next time.
UPDATE result
   SET is_on_time = false
 WHERE id = ANY (ARRAY(
       SELECT r.id
         FROM result r
         JOIN test t ON t.id = r.test_id
         JOIN specimen s ON s.id = r.specimen_id
        WHERE r.state = 'held' AND r.is_on_time
          AND (coalesce(s.accepted_at, r.recorded_at) + make_interval(
                   mins => CASE WHEN r.urgency = 'S' THEN t.tat_stat_minutes ELSE t.tat_routine_minutes END) < %(at)s
               OR EXISTS (SELECT FROM critical_call c WHERE c.result_id = r.id AND c.state = 'open' AND c.due_at < %(at)s))
        LIMIT %(limit)s
          FOR NO KEY UPDATE OF r SKIP LOCKED))
   AND state || '' = 'held';
