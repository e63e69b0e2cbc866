-- How many results and patients a step of a look-back concerns at a site.
SELECT count(*) AS results, count(DISTINCT o.patient_id) AS patients
  FROM look_back_step s
  JOIN look_back_member m ON m.look_back_id = s.look_back_id AND m.was = 'released' AND m.ordering_site_id = %(site)s
   AND (m.settled_id = s.id OR s.kind = 'recalled')
  JOIN lab_order o ON o.id = m.order_id
 WHERE s.id = %(step)s;
