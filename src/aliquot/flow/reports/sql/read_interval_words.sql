-- The words that stand in place of limits, by test and sex; empty is for both, and for whom no other is meant.
SELECT DISTINCT ON (v.test_id, v.sex)
       v.test_id, v.sex, json_build_object('interval_text_en', v.text, 'interval_text_ru', v.text_ru)::text
  FROM reference_interval v
 WHERE v.test_id = ANY(%(ids)s::bigint[]) AND v.text <> '' AND v.low IS NULL AND v.high IS NULL
 ORDER BY v.test_id, v.sex, v.id;
