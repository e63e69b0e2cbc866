-- What the codes of these analyzers mean in the catalogue.
SELECT m.analyzer_id, m.code, m.unit, m.factor, m.test_id, t.unit AS test_unit, t.decimals,
       t.scale = 'Qn' AS is_quantity
  FROM test_mapping m
  JOIN test t ON t.id = m.test_id
 WHERE m.analyzer_id = ANY(%(analyzers)s::bigint[]);
