-- Keep computed values as decided; a new version says what it replaces.
INSERT INTO result (ordering_site_id, laboratory_id, order_item_id, order_id, specimen_id, patient_id, test_id, derived_from,
                    run, version, supersedes_id, value_text, value, comparator, unit, flag, analyzer_flags, low, high, state,
                    reasons, is_automatic, urgency, measured_at, collected_at, recorded_at, decided_at, released_at,
                    released_by, comment, amend_reason)
SELECT given.ordering_site_id, given.laboratory_id, given.order_item_id, given.order_id, given.specimen_id,
       given.patient_id, given.test_id, given.derived_from, given.run, given.version, given.supersedes_id,
       given.value_text, given.value, given.comparator, given.unit, given.flag, '{}', given.low, given.high, given.state,
       given.reasons, given.state = 'released' AND given.supersedes_id IS NULL, given.urgency, given.measured_at,
       given.collected_at, %(at)s, %(at)s, CASE WHEN given.state = 'released' THEN %(at)s END,
       CASE WHEN given.state = 'released' THEN %(by)s ELSE '' END, given.comment, given.amend_reason
  FROM ROWS FROM (jsonb_to_recordset(%(rows)s::jsonb) AS (
           ordering_site_id bigint, laboratory_id bigint, order_item_id bigint, order_id bigint, specimen_id bigint,
           patient_id bigint, test_id bigint, derived_from bigint[], run smallint, version smallint, supersedes_id bigint,
           value_text text, value numeric, comparator text, unit text, flag text, low numeric, high numeric, state text,
           reasons jsonb, urgency text, measured_at timestamptz, collected_at timestamptz, comment text,
           amend_reason text))
       WITH ORDINALITY AS given (
           ordering_site_id, laboratory_id, order_item_id, order_id, specimen_id, patient_id, test_id, derived_from, run,
           version, supersedes_id, value_text, value, comparator, unit, flag, low, high, state, reasons, urgency,
           measured_at, collected_at, comment, amend_reason, place)
 ORDER BY given.place
RETURNING id;
