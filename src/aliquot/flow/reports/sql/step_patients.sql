-- Every result that a step of a look-back concerns at a site, by patient: what was told before, how it stands now.
SELECT m.result_id, o.id AS order_id, o.number AS order_number, o.patient_id, p.family_name, p.given_name, p.patronymic,
       p.birth_date, o.requester, o.ward, o.urgency, t.short_en, t.short_ru, r.value_text, r.unit, t.unit_ru, r.flag,
       r.state, r.collected_at, r.released_at, now.id AS newer_id, now.value_text AS newer_text
  FROM look_back_step s
  JOIN look_back_member m ON m.look_back_id = s.look_back_id AND m.was = 'released' AND m.ordering_site_id = %(site)s
   AND (m.settled_id = s.id OR s.kind = 'recalled')
  JOIN lab_order o ON o.id = m.order_id
  -- OFFSET 0: one by one, lest the planner reads every month
 CROSS JOIN LATERAL (SELECT * FROM result x WHERE x.id = m.result_id OFFSET 0) r
  JOIN test t ON t.id = r.test_id
  JOIN order_item i ON i.id = r.order_item_id
  LEFT JOIN LATERAL (SELECT x.id, x.value_text FROM result x WHERE x.id = i.result_id AND x.id <> r.id OFFSET 0) now ON true
  LEFT JOIN patient p ON p.id = o.patient_id
 WHERE s.id = %(step)s
 ORDER BY p.family_name, p.given_name, o.id, m.result_id
 LIMIT %(limit)s OFFSET %(offset)s;
