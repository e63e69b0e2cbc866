-- Every value of these orders that was released once, the first run and version first; with who took it back or gave it free again.
SELECT r.order_item_id, r.state, r.specimen_id, r.id, r.version, r.value_text, trim_scale(r.value)::text, r.comparator, r.unit,
       r.flag, trim_scale(r.low)::text, trim_scale(r.high)::text, r.comment, r.amend_reason, r.is_automatic, r.measured_at,
       r.released_at, r.released_by,
       CASE WHEN r.decided_at > r.released_at THEN (
           SELECT why::text FROM jsonb_array_elements(r.reasons) WITH ORDINALITY AS x (why, place)
            WHERE why ->> 'code' IN ('withdrawn', 'recalled', 'released_again')
            ORDER BY place DESC LIMIT 1) END
  FROM result r
 WHERE r.order_id = ANY(%(orders)s::bigint[]) AND r.released_at IS NOT NULL
   AND r.id >= %(since)s::bigint AND r.id < %(until)s::bigint
   AND r.state IN ('released', 'superseded', 'recalled', 'withdrawn')
 ORDER BY r.order_item_id, CASE WHEN r.state IN ('superseded', 'withdrawn') THEN r.run END, r.version;
