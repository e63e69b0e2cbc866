-- How many tests of accepted tubes wait to be measured, by section and by the device that can measure them.
SELECT t.section, coalesce(c.name_en, t.section) AS section_en, coalesce(c.name_ru, t.section) AS section_ru,
       device.id AS analyzer_id, device.name AS analyzer, count(*) AS waiting
  FROM specimen_test st
  JOIN test t ON t.id = st.test_id
  JOIN order_item i ON i.id = st.order_item_id AND i.state = 'open'
  LEFT JOIN section c ON c.code = t.section
  LEFT JOIN LATERAL (
       SELECT a.id, a.name
         FROM test_mapping m
         JOIN analyzer a ON a.id = m.analyzer_id
        WHERE m.test_id = st.test_id AND a.laboratory_id = %(laboratory)s AND a.is_active
        GROUP BY a.id) device ON true
 WHERE st.laboratory_id = %(laboratory)s AND st.state = 'accepted'
 GROUP BY t.section, c.id, device.id, device.name
 ORDER BY c.id, device.name;
