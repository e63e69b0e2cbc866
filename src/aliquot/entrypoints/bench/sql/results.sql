-- The released results of the past: every patient's own level of each test, a little different each time.
INSERT INTO result (id, ordering_site_id, laboratory_id, order_item_id, order_id, specimen_id, patient_id, test_id,
                    analyzer_id, reading_id, run, version, value_text, value, comparator, unit, flag, low, high,
                    analyzer_flags, state, reasons, is_automatic, urgency, measured_at, collected_at, recorded_at,
                    decided_at, released_at, released_by, comment, amend_reason)
SELECT month_begins(one.at + interval '2 hours') + %(first_result)s + 1 + one.place, (%(sites)s::bigint[])[1 + mod(g, cardinality(%(sites)s::bigint[]))], %(hub)s,
       %(first_item)s + 1 + one.place, %(first_order)s + 1 + g,
       %(first_specimen)s + 1 + g / %(kinds)s * %(tubes)s + p.tube, one.patient, p.test_id, p.analyzer_id,
       %(first_reading)s + 1 + one.place, 1, 1, one.value::text, one.value, '', p.unit, 'N', p.low, p.high, '{normal}',
       'released', '[]', true, CASE mod(g, 20) WHEN 0 THEN 'S' ELSE 'R' END, one.at + interval '2 hours', one.at,
       one.at + interval '2 hours', one.at + interval '2 hours', one.at + interval '2 hours', 'system:worker', '', ''
  FROM generate_series(0::bigint, %(count)s - 1) AS g
  JOIN bench_plan p ON p.kind = mod(g, %(kinds)s)
 CROSS JOIN LATERAL (SELECT %(first_patient)s + 1 + mod(g * %(stride)s, %(patients)s) AS patient) who
 CROSS JOIN LATERAL (
       SELECT g / %(kinds)s * %(items)s + p.item AS place, %(begin)s + %(step)s * g AS at, who.patient,
              round(((p.low + (p.high - p.low) * (0.3 + 0.4 * mod(who.patient * 7919 + p.test_id * 104729, 1000) / 1000.0))
                     * (0.99 + 0.02 * random()))::numeric, p.decimals) AS value) one;
