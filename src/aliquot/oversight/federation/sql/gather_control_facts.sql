-- The facts of these control results as one JSON array; material and lot by a digest of what was typed.
SELECT coalesce(jsonb_agg(to_jsonb(fact)), '[]')::text
  FROM (SELECT c.id, l.code AS laboratory, a.code AS analyzer, t.code AS test,
               left(encode(sha256(convert_to(concat_ws(E'\x1f', lower(m.name), lower(n.number)), 'UTF8')), 'hex'), 16) AS lot,
               n.level, c.unit, c.value, c.z, c.is_counted, u.verdict,
               ARRAY(SELECT DISTINCT v.rule FROM control_violation v WHERE v.run_id = c.run_id ORDER BY 1) AS rules,
               date_trunc('second', c.measured_at) AS measured_at
          FROM control_result c
          JOIN control_run u ON u.id = c.run_id
          JOIN control_lot n ON n.id = c.lot_id
          JOIN control_material m ON m.id = n.material_id
          JOIN site l ON l.id = c.laboratory_id
          JOIN analyzer a ON a.id = c.analyzer_id
          JOIN test t ON t.id = c.test_id
         WHERE c.id = ANY (%(ids)s::bigint[])) fact;
