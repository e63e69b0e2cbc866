-- What these monitors are: what they watch, how, which patients count, whether an alarm stops the test.
SELECT id, laboratory_id, analyzer_id, test_id, settings::text AS settings, inclusion::text AS inclusion, blocks
  FROM patient_monitor
 WHERE id = ANY(%(ids)s::bigint[]);
