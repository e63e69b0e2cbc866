-- Patients from nineteen to ninety years of age, of every ordering site.
INSERT INTO patient (id, family_name, given_name, patronymic, birth_date, sex, snils, policy_number, is_unidentified,
                     identity_warnings, home_site_id, registered_at)
SELECT %(first)s + g, 'Тестов-' || %(first)s + g, CASE mod(g, 2) WHEN 0 THEN 'Анна' ELSE 'Иван' END, '',
       %(at)s::date - 6940 - mod(g * 7907, 25930)::integer, CASE mod(g, 2) WHEN 0 THEN 'F' ELSE 'M' END, '', '', false, '[]',
       (%(sites)s::bigint[])[1 + mod(g, cardinality(%(sites)s::bigint[]))], %(at)s
  FROM generate_series(1::bigint, %(count)s) AS g;
