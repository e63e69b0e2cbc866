-- Count the failures of external assessment that were closed on one day, and keep each whose cause was found for its test before.
WITH closed AS MATERIALIZED (
    SELECT c.closed_at AS at, r.code || ', ' || p.code || ', ' || t.code AS label,
           c.cause <> 'unexplained' AND EXISTS (
               SELECT FROM eqa_case b JOIN eqa_score e ON e.id = b.score_id
                WHERE b.laboratory_id = c.laboratory_id AND b.state = 'closed' AND b.cause = c.cause AND e.test_id = s.test_id
                  AND b.closed_at < c.opened_at) AS is_found
      FROM eqa_case c
      JOIN eqa_score s ON s.id = c.score_id
      JOIN eqa_round r ON r.id = s.round_id
      JOIN eqa_item i ON i.id = s.item_id
      JOIN eqa_sample p ON p.id = i.sample_id
      JOIN test t ON t.id = s.test_id
     WHERE c.laboratory_id = %(laboratory)s::bigint AND c.state = 'closed'
       AND c.closed_at >= %(since)s::timestamptz AND c.closed_at < %(until)s::timestamptz),
kept AS (
    INSERT INTO indicator_case (day, laboratory_id, ordering_site_id, code, at, label)
    SELECT %(day)s::date, %(laboratory)s::bigint, %(laboratory)s::bigint, 'Intra-PTprev', at, label FROM closed WHERE is_found)
INSERT INTO indicator_day (day, laboratory_id, ordering_site_id, code, numerator, denominator)
SELECT %(day)s::date, %(laboratory)s::bigint, %(laboratory)s::bigint, 'Intra-PTprev', count(*) FILTER (WHERE is_found), count(*)
  FROM closed HAVING count(*) > 0;
