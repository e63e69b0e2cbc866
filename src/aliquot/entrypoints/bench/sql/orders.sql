-- Orders in turn of every kind, each of another patient and site; those of the past are completed.
INSERT INTO lab_order (id, ordering_site_id, laboratory_id, number, patient_id, urgency, state, requester, ward, diagnosis,
                       note, external_system, external_number, placed_at, placed_by, completed_at, cancel_reason)
SELECT %(first_order)s + 1 + g, (%(sites)s::bigint[])[1 + mod(g, cardinality(%(sites)s::bigint[]))], %(hub)s,
       %(prefix)s || g, %(first_patient)s + 1 + mod(g * %(stride)s, %(patients)s),
       CASE mod(g, 20) WHEN 0 THEN 'S' ELSE 'R' END, CASE WHEN %(is_past)s THEN 'completed' ELSE 'placed' END,
       'Рощина К. Л.', '', '', '', '', '', %(begin)s + %(step)s * g, 'system:bench',
       CASE WHEN %(is_past)s THEN %(begin)s + %(step)s * g + interval '6 hours' END, ''
  FROM generate_series(0::bigint, %(count)s - 1) AS g;
