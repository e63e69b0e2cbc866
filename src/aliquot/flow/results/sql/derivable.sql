-- The computed tests of these orders, one row each: what the order says, the value there is (one under investigation, where
-- no other is), what a person refused to have computed, and all released inputs.
SELECT i.id AS item_id, i.state AS item_state, i.state_reason, i.order_id, i.test_id, i.ordering_site_id, i.laboratory_id,
       o.patient_id, o.urgency, coalesce(p.sex, 'U') AS sex, p.birth_date, l.time_zone,
       live.id AS result_id, live.state AS result_state, live.derived_from, live.value, live.comparator,
       coalesce(live.run, 0) AS run,
       coalesce(known.runs, 0) AS runs, coalesce(known.version, 0) AS version,
       coalesce(known.refused, '[]') AS refused, t.code AS code, t.unit, t.decimals,
       d.calculator, d.inputs, given.values
  FROM order_item i
  JOIN derived_test d ON d.test_id = i.test_id
  JOIN test t ON t.id = i.test_id
  JOIN lab_order o ON o.id = i.order_id AND o.state <> 'cancelled'
  JOIN site l ON l.id = i.ordering_site_id  -- a day begins where the patient is
  LEFT JOIN patient p ON p.id = o.patient_id
  LEFT JOIN LATERAL (
       SELECT r.id, r.state, r.derived_from, r.value, r.comparator, r.run
         FROM result r
        WHERE r.order_id = i.order_id AND r.order_item_id = i.id AND r.id >= %(since)s::bigint
          AND r.id < %(until)s::bigint AND r.state IN ('recorded', 'held', 'released', 'recalled')
        ORDER BY r.state <> 'released', r.state = 'recalled', r.id DESC
        LIMIT 1) live ON true
  LEFT JOIN LATERAL (
       SELECT count(*) AS runs, max(r.version) FILTER (WHERE r.released_at IS NOT NULL) AS version,
              jsonb_agg(r.derived_from) FILTER (WHERE r.state = 'refused' AND r.derived_from IS NOT NULL) AS refused
         FROM result r
        WHERE r.order_id = i.order_id AND r.order_item_id = i.id AND r.id >= %(since)s::bigint
          AND r.id < %(until)s::bigint) known ON true
 CROSS JOIN LATERAL (
       SELECT coalesce(jsonb_object_agg(x.code, jsonb_build_object(
                  -- a release that may still be taken back is none yet
                  'state', CASE WHEN kept.id IS NULL THEN j.state ELSE 'open' END, 'id', r.id, 'value', r.value::text,
                  'comparator', r.comparator, 'unit', r.unit, 'specimen_id', r.specimen_id, 'collected_at', r.collected_at, 'measured_at', r.measured_at)), '{}')
                  AS values
         FROM jsonb_each_text(d.inputs) AS wanted (name, code)
         JOIN test x ON x.code = wanted.code
         JOIN order_item j ON j.order_id = i.order_id AND j.test_id = x.id
         LEFT JOIN decision kept ON kept.order_id = i.order_id AND kept.result_id = j.result_id
          AND kept.ended_at IS NULL AND kept.kind = 'released'
         LEFT JOIN result r ON r.id = j.result_id AND r.state = 'released' AND kept.id IS NULL
          AND r.id >= %(since)s::bigint AND r.id < %(until)s::bigint) given
 WHERE i.order_id = ANY(%(orders)s::bigint[]) AND i.state <> 'cancelled'
 ORDER BY i.order_id, i.position, i.id;
