-- Insert a batch.
INSERT INTO bench_bare (id, ordering_site_id, laboratory_id, order_item_id, order_id, specimen_id, patient_id, test_id,
                        analyzer_id, reading_id, run, version, value_text, value, comparator, unit, flag, analyzer_flags,
                        state, reasons, is_automatic, urgency, measured_at, collected_at, recorded_at, released_by,
                        comment, amend_reason)
SELECT given.id, 1, 1, given.id, given.id / 9, given.id / 9, given.id / 40, 1 + mod(given.id, 40), 1, given.id, 1, 1, '5.25',
       5.25, '', 'mmol/L', '', '{normal}', 'recorded', '[]', false, 'R', now(), now(), now(), '', '', ''
  FROM unnest(ARRAY(SELECT generate_series(%(first)s::bigint, %(first)s::bigint + %(count)s - 1))) AS given (id);
