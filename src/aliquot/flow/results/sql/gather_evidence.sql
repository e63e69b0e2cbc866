-- All that a decision may look at, one row for each result that is kept (`ids`) or about to be (`given`);
-- nothing here grows with the history: only months are looked at in which a value can be that is needed.
-- OFFSET 0 keeps the results apart: merged with their orders, the planner was seen to walk the whole table.
SELECT coalesce(r.id, 0) AS result_id, r.order_item_id, r.order_id, r.test_id,
       r.value, r.value_text, r.comparator, r.unit, r.analyzer_flags, r.measured_at, r.analyzer_id IS NULL AS is_manual,
       t.scale, t.unit AS test_unit, t.autorelease AS is_released_by_rules,
       t.critical_low, t.critical_high, t.technical_low, t.technical_high, t.delta_percent, t.delta_days,
       t.stable_room_minutes, t.stable_cold_minutes, t.unspun_room_minutes, t.is_centrifuged, t.spoilt_by,
       fitting.found > 0 AS has_interval, fitting.contradicts AS is_interval_unclear,
       fitting.low, fitting.high,
       coalesce(fitting.expected_en, '') AS expected_en, coalesce(fitting.expected_ru, '') AS expected_ru,
       coalesce(p.sex, 'U') AS sex, age.days AS age_days,
       previous.value AS previous_value, previous.collected_at AS previous_collected_at,
       r.collected_at, s.spun_at, s.accepted_at,
       ARRAY(SELECT jsonb_array_elements_text(s.condition)) AS conditions,
       CASE WHEN a.has_qc_plan THEN 'unknown' ELSE 'no_plan' END AS qc_state,
       coalesce(a.is_suspended, false) AS is_suspended,
       i.state AS item_state, o.state AS order_state, r.urgency, o.ward <> '' AS is_inpatient,
       EXISTS (SELECT 1 FROM result e
                WHERE e.order_id = r.order_id AND e.order_item_id = r.order_item_id
                  AND e.id >= results_since(least(o.placed_at, now()))
                  -- an earlier one, or one that came at the same time and nobody has decided either
                  AND (e.id < coalesce(r.id, 9223372036854775807) OR (e.id > r.id AND e.state = 'recorded'))
                  AND e.id IS DISTINCT FROM r.supersedes_id) AS is_rerun
  FROM (SELECT wanted.place, x.id, x.laboratory_id, x.order_item_id, x.order_id, x.specimen_id, x.patient_id, x.test_id,
               x.analyzer_id, x.value, x.value_text, x.comparator, x.unit, x.analyzer_flags, x.urgency, x.measured_at,
               x.collected_at, x.recorded_at, x.supersedes_id
          FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, place)
         CROSS JOIN LATERAL (SELECT * FROM result y
                             WHERE y.id = wanted.id AND y.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[]) OFFSET 0) x
        UNION ALL
        SELECT place, NULL, laboratory_id, order_item_id, order_id, specimen_id, patient_id, test_id, analyzer_id,
               value, value_text, comparator, unit, analyzer_flags, urgency, measured_at, collected_at, recorded_at, NULL
          FROM ROWS FROM (jsonb_to_recordset(%(given)s::jsonb) AS (
                   laboratory_id bigint, order_item_id bigint, order_id bigint, specimen_id bigint, patient_id bigint,
                   test_id bigint, analyzer_id bigint, value numeric, value_text text, comparator text, unit text,
                   analyzer_flags text[], urgency text, measured_at timestamptz, collected_at timestamptz,
                   recorded_at timestamptz))
               WITH ORDINALITY AS given (
                   laboratory_id, order_item_id, order_id, specimen_id, patient_id, test_id, analyzer_id, value,
                   value_text, comparator, unit, analyzer_flags, urgency, measured_at, collected_at, recorded_at, place)
       ) r
  JOIN test t ON t.id = r.test_id
  JOIN specimen s ON s.id = r.specimen_id
  JOIN order_item i ON i.id = r.order_item_id
  JOIN lab_order o ON o.id = r.order_id
  JOIN site l ON l.id = r.laboratory_id
  LEFT JOIN analyzer a ON a.id = r.analyzer_id
  LEFT JOIN patient p ON p.id = r.patient_id
 CROSS JOIN LATERAL (
       SELECT (coalesce(r.collected_at, r.recorded_at) AT TIME ZONE l.time_zone)::date - p.birth_date AS days) age
 CROSS JOIN LATERAL (
       SELECT count(*) AS found, count(DISTINCT (n.low, n.high, n.text, n.age_from_days)) > 1 AS contradicts,
              min(n.low) AS low, min(n.high) AS high, min(n.text) AS expected_en, min(n.text_ru) AS expected_ru
         FROM (SELECT v.low, v.high, v.text, v.text_ru, v.age_from_days
                 FROM reference_interval v
                WHERE v.test_id = r.test_id AND (v.sex = '' OR v.sex = p.sex)
                  AND CASE WHEN age.days IS NULL THEN v.age_from_days <= 0 AND v.age_to_days >= 60000
                           ELSE v.age_from_days <= age.days AND age.days < v.age_to_days END
                ORDER BY v.sex = '', v.age_to_days - v.age_from_days
                FETCH FIRST 1 ROW WITH TIES) n) fitting
  LEFT JOIN LATERAL (
       SELECT e.value, e.collected_at
         FROM result e
        WHERE e.patient_id = r.patient_id AND e.test_id = r.test_id AND e.collected_at < r.collected_at
          AND e.collected_at >= r.collected_at - make_interval(days => greatest(t.delta_days, %(look_back)s::integer))
          AND e.id >= results_since(
                  least(r.collected_at, now()) - make_interval(days => greatest(t.delta_days, %(look_back)s::integer)))
          AND e.state = 'released' AND e.value IS NOT NULL AND e.comparator = '' AND e.unit = r.unit
        ORDER BY e.collected_at DESC
        LIMIT 1) previous ON true
 ORDER BY r.place;
