-- What was kept of results and of what was around them, by patient in the order of collection: one part of a stretch, with
-- what was recorded before it as far back as the rules compare. Columns in the order of Kept.
SELECT r.id, r.patient_id, r.order_id, r.order_item_id, r.test_id, r.laboratory_id, r.analyzer_id,
       r.value, r.value_text, r.comparator, r.unit, r.analyzer_flags, r.run, r.dilution,
       r.derived_from IS NOT NULL, NOT r.is_automatic AND r.reasons @> '[{"code": "rerun_asked"}]',
       coalesce(p.sex, 'U'), (coalesce(r.collected_at, r.recorded_at) AT TIME ZONE l.time_zone)::date - p.birth_date,
       o.ward, o.diagnosis, o.is_pregnant, r.urgency,
       r.collected_at, r.measured_at, s.spun_at, s.accepted_at,
       CASE WHEN s.condition = '[]' THEN '{}' ELSE ARRAY(SELECT jsonb_array_elements_text(s.condition)) END,
       CASE WHEN standing.qc IS NOT NULL THEN standing.qc WHEN a.has_qc_plan THEN 'unknown' ELSE 'no_plan' END,
       standing.is_calibrated, standing.is_reagent_valid, r.recorded_at, r.decided_at, r.released_at, r.state, r.is_automatic, r.supersedes_id,
       i.state, o.state,
       CASE WHEN NOT r.is_automatic
            THEN ARRAY(SELECT one ->> 'code' FROM jsonb_array_elements(r.reasons) AS one
                        WHERE one ->> 'code' NOT IN ('held', 'refused', 'repeat')) END,
       (SELECT array_agg(n.index || n.level)
          FROM (SELECT DISTINCT ON (x.index) x.index,
                       CASE WHEN x.comparator IN ('>', '>=') THEN 'Infinity' ELSE x.level::text END AS level
                  FROM specimen_index x
                 WHERE x.specimen_id = r.specimen_id
                 ORDER BY x.index, x.measured_at DESC, x.id DESC) n)
  FROM result r
  JOIN lab_order o ON o.id = r.order_id
  JOIN order_item i ON i.id = r.order_item_id
  JOIN specimen s ON s.id = r.specimen_id
  JOIN site l ON l.id = o.ordering_site_id  -- a day begins where the patient is
  LEFT JOIN analyzer a ON a.id = r.analyzer_id
  LEFT JOIN patient p ON p.id = r.patient_id
  LEFT JOIN LATERAL (
       -- as it stood when this was measured, as it stood when this came, and all between: the worst of them
       SELECT CASE WHEN bool_or(q.qc_state = 'out_of_control') THEN 'out_of_control'
                   WHEN bool_and(q.qc_state = 'in_control') THEN 'in_control'
                   WHEN bool_or(q.is_planned) THEN 'unknown' END AS qc,
              bool_and(q.calibrated_until > coalesce(r.measured_at, r.recorded_at)) AS is_calibrated,
              bool_and(q.reagent_expires_at > coalesce(r.measured_at, r.recorded_at)) AS is_reagent_valid
         FROM release_state q
        WHERE q.analyzer_id = r.analyzer_id AND q.test_id = r.test_id
          AND q.since <= greatest(r.measured_at, r.recorded_at)
          AND (q.until IS NULL OR q.until > least(r.measured_at, r.recorded_at))) standing ON true
 WHERE r.id >= results_since(%(warm)s::timestamptz) AND r.id < month_begins(%(until)s::timestamptz + interval '32 days')
   AND r.recorded_at >= %(warm)s AND r.recorded_at < %(until)s
   AND (%(laboratory)s::bigint IS NULL OR r.laboratory_id = %(laboratory)s)
   AND r.patient_id %% %(parts)s = %(part)s
 ORDER BY r.patient_id, r.collected_at NULLS LAST, r.id;
