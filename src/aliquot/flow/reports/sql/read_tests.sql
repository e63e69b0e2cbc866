-- What a report says of each of these tests, whoever ordered it.
SELECT t.id,
       json_build_object(
           'code', t.code, 'name_en', t.name_en, 'name_ru', t.name_ru,
           'loinc', t.loinc, 'nmu_804n', t.nmu_804n, 'fsli_1080', t.fsli_1080, 'scale', t.scale,
           'test_unit', t.unit, 'test_unit_ru', t.unit_ru, 'method_en', t.method, 'method_ru', t.method_ru,
           'section', t.section, 'section_en', sc.name_en, 'section_ru', sc.name_ru,
           'section_position', coalesce(sc.id, 2147483647))::text
  FROM test t
  LEFT JOIN section sc ON sc.code = t.section
 WHERE t.id = ANY(%(keys)s::bigint[]);
