-- What a table says of these results: the patient, the value, and what was reported to whom, who looked at it.
SELECT r.id AS result_id, r.state, r.order_id, o.number AS order_number, o.patient_id, p.family_name, p.given_name,
       p.patronymic, p.birth_date, t.code AS test_code, t.short_en, t.short_ru, r.value, r.value_text, r.unit, t.unit_ru,
       r.flag, r.measured_at, r.released_at, a.name AS analyzer, g.name_en AS site_en, g.name_ru AS site_ru, o.requester,
       o.ward, told.version, told.released_at AS reported_at, told.seen_at, told.seen_by
  FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, place)
  JOIN result r ON r.id = wanted.id AND r.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[])
  JOIN lab_order o ON o.id = r.order_id
  JOIN test t ON t.id = r.test_id
  JOIN site g ON g.id = r.ordering_site_id
  LEFT JOIN analyzer a ON a.id = r.analyzer_id
  LEFT JOIN patient p ON p.id = o.patient_id
  LEFT JOIN LATERAL (
       SELECT x.version, x.released_at, x.seen_at, x.seen_by FROM report x
        WHERE x.order_id = r.order_id AND x.released_at >= r.released_at
        ORDER BY x.version DESC LIMIT 1) told ON true
 ORDER BY wanted.place;
