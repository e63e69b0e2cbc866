-- How much waits in a laboratory: results for a person, for the rules, and calls to make.
SELECT count(*) AS held, count(*) FILTER (WHERE r.danger < 2) AS held_critical,
       count(*) FILTER (WHERE r.urgency = 'S') AS held_urgent, min(r.recorded_at) AS oldest_held_at,
       (SELECT count(*) FROM result n WHERE n.state = 'recorded' AND n.laboratory_id = %(laboratory)s) AS recorded,
       (SELECT count(*) FROM critical_call c WHERE c.laboratory_id = %(laboratory)s AND c.state = 'open') AS open_calls,
       (SELECT count(*) FROM critical_call c
         WHERE c.laboratory_id = %(laboratory)s AND c.state = 'open' AND c.due_at < %(at)s) AS overdue_calls
  FROM result r
 WHERE r.laboratory_id = %(laboratory)s AND r.state = 'held';
