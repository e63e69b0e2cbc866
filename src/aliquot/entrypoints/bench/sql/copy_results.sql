-- Results that come in: further runs of results that are there, held for a person; the highest id of them.
WITH made AS (
    INSERT INTO result (order_item_id, specimen_id, patient_id, order_id, test_id, analyzer_id, run, version, value_text, value,
                        comparator, unit, flag, low, high, analyzer_flags, state, reasons, is_automatic, urgency, measured_at,
                        collected_at, recorded_at, decided_at, released_by, comment, amend_reason, ordering_site_id, laboratory_id)
    SELECT order_item_id, specimen_id, patient_id, order_id, test_id, analyzer_id, 2, 1, value_text, value,
           comparator, unit, flag, low, high, analyzer_flags, 'held', '[{"code": "bench"}]', false, urgency, clock_timestamp(),
           collected_at, clock_timestamp(), clock_timestamp(), '', '', '', ordering_site_id, laboratory_id
      FROM result WHERE id = ANY (%(ids)s::bigint[])
    RETURNING id)
SELECT max(id) FROM made;
