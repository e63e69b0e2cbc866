-- Tests of accepted tubes that still have no value: urgent first, then the longest accepted.
SELECT page.id, page.order_item_id AS item_id, NOT page.routine AS is_urgent, page.order_number, page.specimen_number,
       page.patient_id, p.family_name, p.given_name, p.patronymic, p.birth_date,
       t.code AS test_code, t.short_en, t.short_ru, t.name_en, t.name_ru, t.section, t.scale, t.unit, t.unit_ru,
       t.decimals, page.accepted_at, page.collected_at,
       CASE WHEN page.routine THEN t.tat_routine_minutes ELSE t.tat_stat_minutes END AS target_minutes, page.ward,
       ARRAY(SELECT a.name FROM test_mapping m JOIN analyzer a ON a.id = m.analyzer_id
              WHERE m.test_id = page.test_id AND a.laboratory_id = %(laboratory)s AND a.is_active
              GROUP BY a.id ORDER BY a.code) AS analyzers,
       g.name_en AS site_en, g.name_ru AS site_ru
  FROM (SELECT st.id, st.order_item_id, st.test_id, o.urgency <> 'S' AS routine, o.number AS order_number, o.patient_id,
               o.ward, s.number AS specimen_number, s.accepted_at, s.collected_at, st.ordering_site_id
          FROM specimen_test st
          JOIN specimen s ON s.id = st.specimen_id AND s.accepted_at IS NOT NULL
          JOIN order_item i ON i.id = st.order_item_id AND i.state = 'open'
          JOIN lab_order o ON o.id = s.order_id AND o.state <> 'cancelled'
         WHERE st.laboratory_id = %(laboratory)s AND st.state = 'accepted'
           AND (%(section)s::text IS NULL
                OR st.test_id IN (SELECT x.id FROM test x WHERE x.section = %(section)s::text))
           AND CASE %(analyzer)s::bigint
                    WHEN 0 THEN st.test_id NOT IN (
                         SELECT m.test_id FROM test_mapping m JOIN analyzer a ON a.id = m.analyzer_id
                          WHERE a.laboratory_id = %(laboratory)s AND a.is_active)
                    ELSE %(analyzer)s::bigint IS NULL OR st.test_id IN (
                         SELECT m.test_id FROM test_mapping m WHERE m.analyzer_id = %(analyzer)s::bigint) END
           AND (%(after_id)s::bigint IS NULL
                OR (o.urgency <> 'S', s.accepted_at, st.id)
                 > (%(after_routine)s::boolean, %(after_accepted)s::timestamptz, %(after_id)s::bigint))
         ORDER BY routine, s.accepted_at, st.id
         LIMIT %(limit)s) page
  JOIN test t ON t.id = page.test_id
  JOIN site g ON g.id = page.ordering_site_id
  JOIN patient p ON p.id = page.patient_id
 ORDER BY page.routine, page.accepted_at, page.id;
