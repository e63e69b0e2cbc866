-- What stood in those messages, line by line.
INSERT INTO reading (id, laboratory_id, message_id, analyzer_id, position, specimen_code, code, value, unit, flags, status,
                     measured_at, specimen_id, test_id, state, reason, decided_by, decision_note)
SELECT %(first_reading)s + 1 + g / %(kinds)s * %(items)s + p.item, %(hub)s,
       %(first_message)s + 1 + tube.place, p.analyzer_id, p.position + 1, 'H' || %(first_specimen)s + 1 + tube.place, p.code,
       '5.25', p.unit, '{normal}', 'final', %(begin)s + %(step)s * g + interval '2 hours',
       %(first_specimen)s + 1 + tube.place, p.test_id, 'filed', '[]', '', ''
  FROM generate_series(%(ledger_from)s::bigint, %(count)s - 1) AS g
  JOIN bench_plan p ON p.kind = mod(g, %(kinds)s)
 CROSS JOIN LATERAL (SELECT g / %(kinds)s * %(tubes)s + p.tube AS place) tube;
