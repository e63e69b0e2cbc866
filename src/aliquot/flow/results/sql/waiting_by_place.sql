-- How many results wait in a laboratory, by section and by the analyzer that measured them: counted before they are named.
SELECT t.section, coalesce(c.name_en, t.section) AS section_en, coalesce(c.name_ru, t.section) AS section_ru,
       b.id AS bench_id, b.name_en AS bench_en, b.name_ru AS bench_ru, a.id AS analyzer_id, a.name AS analyzer,
       sum(r.held)::bigint AS held
  FROM (SELECT test_id, analyzer_id, count(*) AS held
          FROM result
         WHERE laboratory_id = %(laboratory)s AND state = 'held'
         GROUP BY test_id, analyzer_id) r
  JOIN test t ON t.id = r.test_id
  LEFT JOIN section c ON c.code = t.section
  LEFT JOIN analyzer a ON a.id = r.analyzer_id
  LEFT JOIN bench b ON b.id = a.bench_id
 GROUP BY t.section, c.id, b.id, a.id
 ORDER BY c.id, b.id, a.id;
