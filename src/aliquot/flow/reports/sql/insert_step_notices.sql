-- One notice for each site that a step of a look-back concerns: about results that it had been told.
INSERT INTO report_notice (ordering_site_id, laboratory_id, step_id, person, reason, told_at, due_at, seen_by,
                           acknowledged_by, told_to)
SELECT m.ordering_site_id, s.laboratory_id, s.id, '', s.reason, %(at)s, %(due_at)s, '', '', ''
  FROM look_back_step s
  JOIN look_back_member m ON m.look_back_id = s.look_back_id AND m.was = 'released'
   AND (m.settled_id = s.id OR s.kind = 'recalled')
 WHERE s.id = ANY(%(steps)s::bigint[]) AND s.kind <> 'amended'
 GROUP BY s.id, m.ordering_site_id
    ON CONFLICT (step_id, ordering_site_id) DO NOTHING;
