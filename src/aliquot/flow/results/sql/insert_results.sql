-- Keep a batch of readings as results, decided or to be decided; a later result of the same test is a further run.
INSERT INTO result (ordering_site_id, laboratory_id, order_item_id, order_id, specimen_id, patient_id, test_id,
                    analyzer_id, reading_id, dilution, run, version, value_text, value, comparator, unit, flag, analyzer_flags,
                    low, high, state, reasons, is_automatic, urgency, measured_at, collected_at, recorded_at,
                    decided_at, released_at, released_by, comment, amend_reason)
SELECT given.ordering_site_id, given.laboratory_id, given.order_item_id, given.order_id, given.specimen_id,
       given.patient_id, given.test_id, given.analyzer_id, given.reading_id, coalesce(given.dilution, ''),
       -- whoever decided it holds its order, and counted the runs before it
       coalesce(given.run, (SELECT count(*) FROM result e
                             WHERE e.order_id = given.order_id AND e.order_item_id = given.order_item_id
                               AND e.id >= %(since)s::bigint AND e.id < %(until)s::bigint)
                           + row_number() OVER (PARTITION BY given.order_item_id ORDER BY given.place)),
       1, given.value_text, given.value, given.comparator, given.unit, given.flag, given.analyzer_flags, given.low,
       given.high, given.state, given.reasons, given.state = 'released', given.urgency, given.measured_at,
       given.collected_at, %(at)s::timestamptz,
       CASE WHEN given.state <> 'recorded' THEN %(at)s::timestamptz END, CASE WHEN given.state = 'released' THEN %(at)s::timestamptz END,
       CASE WHEN given.state = 'released' THEN %(by)s::text ELSE '' END, coalesce(given.comment, ''), ''
  FROM ROWS FROM (json_to_recordset(%(rows)s::json) AS (
           ordering_site_id bigint, laboratory_id bigint, order_item_id bigint, order_id bigint, specimen_id bigint,
           patient_id bigint, test_id bigint, analyzer_id bigint, reading_id bigint, value_text text, value numeric,
           comparator text, unit text, analyzer_flags text[], urgency text, measured_at timestamptz,
           collected_at timestamptz, state text, flag text, low numeric, high numeric, reasons jsonb, comment text,
           dilution text, run bigint))
       WITH ORDINALITY AS given (
           ordering_site_id, laboratory_id, order_item_id, order_id, specimen_id, patient_id, test_id, analyzer_id,
           reading_id, value_text, value, comparator, unit, analyzer_flags, urgency, measured_at, collected_at, state,
           flag, low, high, reasons, comment, dilution, run, place)
 ORDER BY given.place
RETURNING id;
