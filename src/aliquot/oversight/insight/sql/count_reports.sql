-- Count the reports of one day, by site: the corrected ones, the complete ones that came later than promised, those of orders without a diagnosis.
WITH issued AS MATERIALIZED (
    SELECT r.id, r.ordering_site_id, r.order_id, r.released_at AS at, r.kind, r.version, o.urgency,
           o.diagnosis = '' AND o.note = '' AS is_unasked
      FROM report r JOIN lab_order o ON o.id = r.order_id
     WHERE r.ordering_site_id = ANY (%(sites)s::bigint[]) AND r.laboratory_id = %(laboratory)s::bigint
       AND r.released_at >= %(since)s::timestamptz AND r.released_at < %(until)s::timestamptz),
promised AS MATERIALIZED (
    SELECT i.id,
           max(s.accepted_at + make_interval(mins => CASE i.urgency WHEN 'S' THEN t.tat_stat_minutes
                                                                    ELSE t.tat_routine_minutes END)) AS until
      FROM issued i
      JOIN order_item n ON n.order_id = i.order_id AND n.state = 'reported'
      JOIN test t ON t.id = n.test_id
      JOIN specimen_test x ON x.order_item_id = n.id AND x.state IN ('accepted', 'measured')
      JOIN specimen s ON s.id = x.specimen_id
     WHERE i.kind = 'final'
     GROUP BY i.id),
counted AS MATERIALIZED (
    SELECT 'Post-RectRep' AS code, ordering_site_id, order_id, at, version, kind = 'corrected' AS is_found FROM issued
    UNION ALL
    SELECT 'Pre-Quest', ordering_site_id, order_id, at, version, is_unasked FROM issued WHERE kind = 'final'
    UNION ALL
    SELECT 'Post-OutTime', i.ordering_site_id, i.order_id, i.at, i.version, i.at > p.until
      FROM promised p JOIN issued i ON i.id = p.id
     WHERE p.until IS NOT NULL),
kept AS (
    INSERT INTO indicator_case (day, laboratory_id, ordering_site_id, code, order_id, at, label)
    SELECT %(day)s::date, %(laboratory)s::bigint, ordering_site_id, code, order_id, at, version::text
      FROM counted WHERE is_found)
INSERT INTO indicator_day (day, laboratory_id, ordering_site_id, code, numerator, denominator)
SELECT %(day)s::date, %(laboratory)s::bigint, ordering_site_id, code, count(*) FILTER (WHERE is_found), count(*)
  FROM counted GROUP BY ordering_site_id, code;
