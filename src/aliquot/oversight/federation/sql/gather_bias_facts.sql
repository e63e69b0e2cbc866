-- Medians of at least so many patients, and means of control lots, of these months as one JSON array.
SELECT coalesce(jsonb_agg(to_jsonb(fact)), '[]')::text
  FROM (SELECT b.month, 'patients' AS kind, l.code AS laboratory, a.code AS analyzer, t.code AS test, '' AS lot, 0 AS level, b.n,
               b.median AS middle, b.low_quartile AS low, b.high_quartile AS high
          FROM patient_median b
          JOIN site l ON l.id = b.laboratory_id JOIN analyzer a ON a.id = b.analyzer_id JOIN test t ON t.id = b.test_id
         WHERE b.month = ANY (%(months)s::date[]) AND b.n >= %(fewest)s::integer
        UNION ALL
        SELECT b.month, 'lot', l.code, a.code, t.code,
               left(encode(sha256(convert_to(concat_ws(E'\x1f', lower(b.material), lower(b.lot), b.unit), 'UTF8')), 'hex'), 16),
               b.level, b.n, b.mean, b.mean - b.sd, b.mean + b.sd
          FROM lot_mean b
          JOIN site l ON l.id = b.laboratory_id JOIN analyzer a ON a.id = b.analyzer_id JOIN test t ON t.id = b.test_id
         WHERE b.month = ANY (%(months)s::date[])) fact;
