-- What a decision may look at of its result, one row for each that is kept (`ids`) or about to be (`given`), in the order
-- of the fields of Evidence; nothing here grows with the history: only months are looked at in which a value can be that
-- is needed, and they are named. OFFSET 0 keeps the results apart: merged with their orders, the planner was seen to walk the whole table.
SELECT coalesce(r.id, 0), r.order_item_id, r.order_id, r.test_id, r.laboratory_id, r.analyzer_id,
       r.value, r.value_text, r.comparator, r.unit, r.analyzer_flags, r.measured_at,
       r.analyzer_id IS NULL AND r.derived_from IS NULL,
       coalesce(r.run, 1 + coalesce(earlier.count, 0)), coalesce(r.dilution, ''),
       coalesce(p.sex, 'U'), (coalesce(r.collected_at, r.recorded_at) AT TIME ZONE l.time_zone)::date - p.birth_date,
       o.ward, o.diagnosis, o.is_pregnant, r.urgency, o.ward <> '',
       previous.value, previous.collected_at,
       r.collected_at, s.spun_at, s.accepted_at, ARRAY(SELECT jsonb_array_elements_text(s.condition)),
       CASE WHEN standing.qc IS NOT NULL THEN standing.qc WHEN a.has_qc_plan THEN 'unknown' ELSE 'no_plan' END,
       standing.is_calibrated, standing.is_reagent_valid,
       coalesce(a.is_suspended, false), i.state, o.state,
       -- a run that the rules themselves asked for is no surprise, nor is a value that is computed again
       coalesce(NOT earlier.were_sent_back, false) AND r.derived_from IS NULL, earlier.runs,
       -- beyond what the analyzer can tell, nobody knows how much: so nothing that was studied covers it
       (SELECT jsonb_object_agg(n.index, CASE WHEN n.comparator IN ('>', '>=') THEN 'Infinity' ELSE n.level::text END)
          FROM (SELECT DISTINCT ON (x.index) x.index, x.level, x.comparator
                  FROM specimen_index x
                 WHERE x.specimen_id = r.specimen_id
                 ORDER BY x.index, x.measured_at DESC, x.id DESC) n)
  FROM (SELECT wanted.place, x.id, x.laboratory_id, x.order_item_id, x.order_id, x.specimen_id, x.patient_id, x.test_id,
               x.analyzer_id, x.value, x.value_text, x.comparator, x.unit, x.analyzer_flags, x.urgency, x.measured_at,
               x.collected_at, x.recorded_at, x.supersedes_id, x.run, x.dilution, x.derived_from
          FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, place)
         CROSS JOIN LATERAL (SELECT * FROM result y
                             WHERE y.id = wanted.id AND y.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[]) OFFSET 0) x
        UNION ALL
        SELECT place, NULL, laboratory_id, order_item_id, order_id, specimen_id, patient_id, test_id, analyzer_id,
               value, value_text, comparator, unit, analyzer_flags, urgency, measured_at, collected_at, recorded_at, NULL,
               NULL, dilution, derived_from
          FROM ROWS FROM (json_to_recordset(%(given)s::json) AS (
                   laboratory_id bigint, order_item_id bigint, order_id bigint, specimen_id bigint, patient_id bigint,
                   test_id bigint, analyzer_id bigint, value numeric, value_text text, comparator text, unit text,
                   analyzer_flags text[], urgency text, measured_at timestamptz, collected_at timestamptz,
                   recorded_at timestamptz, dilution text, derived_from bigint[]))
               WITH ORDINALITY AS given (
                   laboratory_id, order_item_id, order_id, specimen_id, patient_id, test_id, analyzer_id, value,
                   value_text, comparator, unit, analyzer_flags, urgency, measured_at, collected_at, recorded_at, dilution,
                   derived_from, place)
       ) r
  JOIN test t ON t.id = r.test_id
  JOIN specimen s ON s.id = r.specimen_id
  JOIN order_item i ON i.id = r.order_item_id
  JOIN lab_order o ON o.id = r.order_id
  JOIN site l ON l.id = o.ordering_site_id  -- a day begins where the patient is
  LEFT JOIN analyzer a ON a.id = r.analyzer_id
  LEFT JOIN patient p ON p.id = r.patient_id
  LEFT JOIN LATERAL (
       SELECT count(*) AS count, jsonb_agg(jsonb_build_array(e.id, e.value::text, e.comparator, e.unit, e.dilution, e.state))
                  AS runs,
              bool_and(e.state IN ('held', 'kept') AND e.reasons @> '[{"code": "rerun_asked"}]') AS were_sent_back
         FROM result e
        WHERE e.order_id = r.order_id AND e.order_item_id = r.order_item_id
          AND e.id >= %(since)s::bigint AND e.id < %(until)s::bigint
          -- an earlier one, or one that came at the same time and nobody has decided either
          AND (e.id < coalesce(r.id, 9223372036854775807) OR (e.id > r.id AND e.state = 'recorded'))
          AND e.id IS DISTINCT FROM r.supersedes_id) earlier ON true
  LEFT JOIN LATERAL (
       SELECT e.value, e.collected_at
         FROM result e
        WHERE e.patient_id = r.patient_id AND e.test_id = r.test_id AND e.collected_at < r.collected_at
          AND e.collected_at >= r.collected_at - make_interval(days => greatest(t.delta_days, %(look_back)s::integer))
          AND e.id >= %(compared_since)s::bigint AND e.id < %(until)s::bigint
          AND e.state = 'released' AND e.value IS NOT NULL AND e.comparator = '' AND e.unit = r.unit
        ORDER BY e.collected_at DESC
        LIMIT 1) previous ON true
  LEFT JOIN LATERAL (
       -- as it stood when this was measured, as it stands now, and all between: the worst of them
       SELECT CASE WHEN bool_or(q.qc_state = 'out_of_control') THEN 'out_of_control'
                   WHEN bool_and(q.qc_state = 'in_control') THEN 'in_control'
                   WHEN bool_or(q.is_planned) THEN 'unknown' END AS qc,
              bool_and(q.calibrated_until > coalesce(r.measured_at, r.recorded_at)) AS is_calibrated,
              bool_and(q.reagent_expires_at > coalesce(r.measured_at, r.recorded_at)) AS is_reagent_valid
         FROM release_state q
        WHERE q.analyzer_id = r.analyzer_id AND q.test_id = r.test_id
          AND (q.until IS NULL OR q.until > least(r.measured_at, r.recorded_at))) standing ON true
 ORDER BY r.place;
