-- The facts of these results as one JSON array, without values and without anything of a person.
SELECT coalesce(jsonb_agg(to_jsonb(fact)), '[]')::text
  FROM (SELECT r.id, l.code AS laboratory, s.code AS site, coalesce(a.code, '') AS analyzer, t.code AS test, r.urgency, r.state,
               r.run, r.version, r.is_automatic, r.flag IN ('LL', 'HH') AS is_critical,
               ARRAY(SELECT DISTINCT reason ->> 'code' FROM jsonb_array_elements(r.reasons) AS reason
                      WHERE reason ->> 'code' ~ '^[a-z0-9_]{1,60}$' ORDER BY 1) AS held_because,
               date_trunc('second', r.collected_at) AS collected_at, date_trunc('second', r.measured_at) AS measured_at,
               date_trunc('second', r.recorded_at) AS recorded_at, date_trunc('second', r.released_at) AS released_at,
               date_trunc('second', done.reported_at) AS reported_at,
               extract(epoch FROM p.collected_at - o.placed_at)::integer AS collect_seconds,
               extract(epoch FROM road.picked_up_at - p.collected_at)::integer AS pick_up_seconds,
               extract(epoch FROM p.arrived_at - road.picked_up_at)::integer AS arrive_seconds,
               extract(epoch FROM p.accepted_at - p.arrived_at)::integer AS accept_seconds,
               extract(epoch FROM r.measured_at - p.accepted_at)::integer AS measure_seconds,
               extract(epoch FROM r.released_at - r.measured_at)::integer AS release_seconds,
               extract(epoch FROM done.reported_at - r.released_at)::integer AS report_seconds,
               extract(epoch FROM done.reported_at - o.placed_at)::integer AS whole_seconds
          FROM result r
          JOIN lab_order o ON o.id = r.order_id
          JOIN specimen p ON p.id = r.specimen_id
          JOIN test t ON t.id = r.test_id
          JOIN site l ON l.id = r.laboratory_id
          JOIN site s ON s.id = r.ordering_site_id
          LEFT JOIN analyzer a ON a.id = r.analyzer_id
          LEFT JOIN LATERAL (SELECT min(c.released_at) AS reported_at FROM report c
                              WHERE c.order_id = o.id AND c.kind = 'final') done ON true
          LEFT JOIN LATERAL (SELECT max(b.picked_up_at) AS picked_up_at FROM box_item i JOIN box b ON b.id = i.box_id
                              WHERE i.number = p.number) road ON true
         WHERE r.id = ANY (%(ids)s::bigint[])) fact;
