-- The facts of these tubes as one JSON array, without their numbers and without anything of a person.
SELECT coalesce(jsonb_agg(to_jsonb(fact)), '[]')::text
  FROM (SELECT p.id, l.code AS laboratory, s.code AS site, c.code AS container, m.code AS specimen_type, o.urgency, p.state,
               p.replaces_id IS NOT NULL AS is_drawn_again,
               ARRAY(SELECT r.code FROM rejection_reason r WHERE p.condition ? r.code ORDER BY 1) AS conditions,
               served.tests, served.rejected_tests, served.rejected_because,
               date_trunc('second', p.collected_at) AS collected_at, date_trunc('second', road.picked_up_at) AS picked_up_at,
               date_trunc('second', p.arrived_at) AS arrived_at, date_trunc('second', p.accepted_at) AS accepted_at,
               extract(epoch FROM p.collected_at - o.placed_at)::integer AS collect_seconds,
               extract(epoch FROM road.picked_up_at - p.collected_at)::integer AS pick_up_seconds,
               extract(epoch FROM p.arrived_at - road.picked_up_at)::integer AS arrive_seconds,
               extract(epoch FROM p.accepted_at - p.arrived_at)::integer AS accept_seconds
          FROM specimen p
          JOIN lab_order o ON o.id = p.order_id
          JOIN container c ON c.id = p.container_id
          JOIN specimen_type m ON m.id = p.specimen_type_id
          JOIN site l ON l.id = p.laboratory_id
          JOIN site s ON s.id = p.ordering_site_id
          LEFT JOIN LATERAL (SELECT max(b.picked_up_at) AS picked_up_at FROM box_item i JOIN box b ON b.id = i.box_id
                              WHERE i.number = p.number) road ON true
         CROSS JOIN LATERAL (SELECT count(*) AS tests, count(*) FILTER (WHERE x.state = 'rejected') AS rejected_tests,
                                    coalesce(array_agg(DISTINCT r.code ORDER BY r.code) FILTER (WHERE x.state = 'rejected'
                                             AND r.code IS NOT NULL), '{}') AS rejected_because
                               FROM specimen_test x LEFT JOIN rejection_reason r ON r.id = x.rejection_reason_id
                              WHERE x.specimen_id = p.id) served
         WHERE p.id = ANY (%(ids)s::bigint[])) fact;
