-- Count the results of external assessment that were evaluated on one day, and keep each that is not acceptable.
WITH scored AS MATERIALIZED (
    SELECT s.at, r.code || ', ' || p.code || ', ' || t.code AS label, s.signal IN ('action', 'missing') AS is_found,
           c.specimen_id, m.order_id
      FROM eqa_score s
      JOIN eqa_round r ON r.id = s.round_id
      JOIN eqa_item i ON i.id = s.item_id
      JOIN eqa_sample p ON p.id = i.sample_id
      JOIN test t ON t.id = s.test_id
      LEFT JOIN eqa_receipt c ON c.sample_id = p.id AND c.laboratory_id = s.laboratory_id
      LEFT JOIN specimen m ON m.id = c.specimen_id
     WHERE s.laboratory_id = %(laboratory)s::bigint AND s.signal <> 'not_scored'
       AND s.at >= %(since)s::timestamptz AND s.at < %(until)s::timestamptz),
kept AS (
    INSERT INTO indicator_case (day, laboratory_id, ordering_site_id, code, specimen_id, order_id, at, label)
    SELECT %(day)s::date, %(laboratory)s::bigint, %(laboratory)s::bigint, 'Intra-Unac', specimen_id, order_id, at, label
      FROM scored WHERE is_found)
INSERT INTO indicator_day (day, laboratory_id, ordering_site_id, code, numerator, denominator)
SELECT %(day)s::date, %(laboratory)s::bigint, %(laboratory)s::bigint, 'Intra-Unac', count(*) FILTER (WHERE is_found), count(*)
  FROM scored HAVING count(*) > 0;
