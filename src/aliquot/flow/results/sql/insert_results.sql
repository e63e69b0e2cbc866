-- Keep a batch of readings as results, decided or to be decided; a later result of the same test is a further run.
INSERT INTO result (ordering_site_id, laboratory_id, order_item_id, order_id, specimen_id, patient_id, test_id,
                    analyzer_id, reading_id, run, version, value_text, value, comparator, unit, flag, analyzer_flags,
                    low, high, state, reasons, is_automatic, urgency, measured_at, collected_at, recorded_at,
                    decided_at, released_at, released_by, comment, amend_reason)
SELECT given.ordering_site, given.laboratory, given.item, given.order_id, given.specimen, given.patient, given.test,
       given.analyzer, given.reading,
       (SELECT count(*) FROM result e WHERE e.order_id = given.order_id AND e.order_item_id = given.item)
           + row_number() OVER (PARTITION BY given.item ORDER BY given.place),
       1, given.value_text, given.value, given.comparator, given.unit, given.flag,
       string_to_array(given.flags, E'\x1f'), given.low, given.high, given.state, given.reasons::jsonb,
       given.state = 'released', given.urgency, given.measured_at, given.collected_at, %(at)s,
       CASE WHEN given.state <> 'recorded' THEN %(at)s END, CASE WHEN given.state = 'released' THEN %(at)s END,
       CASE WHEN given.state = 'released' THEN %(by)s ELSE '' END, '', ''
  FROM unnest(%(ordering_sites)s::bigint[], %(laboratories)s::bigint[], %(items)s::bigint[], %(orders)s::bigint[],
              %(specimens)s::bigint[], %(patients)s::bigint[], %(tests)s::bigint[], %(analyzers)s::bigint[],
              %(readings)s::bigint[], %(value_texts)s::text[], %(values)s::numeric[], %(comparators)s::text[],
              %(units)s::text[], %(flags)s::text[], %(urgencies)s::text[], %(measured)s::timestamptz[],
              %(collected)s::timestamptz[], %(states)s::text[], %(result_flags)s::text[], %(lows)s::numeric[],
              %(highs)s::numeric[], %(reasons)s::text[])
       WITH ORDINALITY AS given (ordering_site, laboratory, item, order_id, specimen, patient, test, analyzer, reading,
                                 value_text, value, comparator, unit, flags, urgency, measured_at, collected_at, state,
                                 flag, low, high, reasons, place)
 ORDER BY given.place
RETURNING id;
