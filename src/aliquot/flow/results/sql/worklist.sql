-- A page of results that wait in a laboratory: overdue first, then critical, then urgent, then the oldest.
SELECT page.id AS result_id, page.is_on_time, page.danger, page.order_id, o.number AS order_number, s.number AS specimen_number,
       page.patient_id, p.family_name, p.given_name, p.patronymic, p.birth_date, coalesce(p.sex, 'U') AS sex,
       t.id AS test_id, t.code AS test_code, t.short_en, t.short_ru, t.name_en, t.name_ru, t.section, t.decimals,
       page.value, page.value_text, page.unit, t.unit_ru, page.flag, page.low, page.high, page.analyzer_flags,
       page.reasons, page.urgency, page.run, page.measured_at, page.collected_at, page.recorded_at, page.comment,
       o.ward, o.requester, g.name_en AS site_en, g.name_ru AS site_ru, coalesce(a.name, '') AS analyzer,
       previous.value_text AS previous_text, previous.collected_at AS previous_collected_at,
       c.id AS call_id, c.state AS call_state, c.due_at AS call_due_at, looks.by AS looked_at_by
  FROM (SELECT r.*
          FROM result r
         WHERE r.laboratory_id = %(laboratory)s AND r.state = 'held'
           AND (r.is_on_time, r.danger, r.id) > (%(after_on_time)s::boolean, %(after_danger)s::smallint, %(after_id)s::bigint)
           AND (%(section)s::text IS NULL
                OR r.test_id IN (SELECT x.id FROM test x WHERE x.section = %(section)s::text))
           AND (%(bench)s::bigint IS NULL
                OR r.analyzer_id IN (SELECT y.id FROM analyzer y WHERE y.bench_id = %(bench)s::bigint))
           AND (%(analyzer)s::bigint IS NULL OR coalesce(r.analyzer_id, 0) = %(analyzer)s::bigint)
         ORDER BY r.is_on_time, r.danger, r.id
         LIMIT %(limit)s) page
  JOIN test t ON t.id = page.test_id
  JOIN lab_order o ON o.id = page.order_id
  JOIN specimen s ON s.id = page.specimen_id
  JOIN site g ON g.id = page.ordering_site_id
  LEFT JOIN patient p ON p.id = page.patient_id
  LEFT JOIN analyzer a ON a.id = page.analyzer_id
  LEFT JOIN critical_call c ON c.result_id = page.id AND c.kind = 'value'
  LEFT JOIN result_claim looks ON looks.result_id = page.id AND looks.until > %(at)s
  LEFT JOIN LATERAL (
       SELECT e.value_text, e.collected_at
         FROM result e
        WHERE e.patient_id = page.patient_id AND e.test_id = page.test_id AND e.collected_at < page.collected_at
          AND e.id >= results_since(least(page.collected_at, now()) - interval '400 days')
          AND e.id < month_begins(now() + interval '32 days')
          AND e.state = 'released'
        ORDER BY e.collected_at DESC
        LIMIT 1) previous ON true
 ORDER BY page.is_on_time, page.danger, page.id;
