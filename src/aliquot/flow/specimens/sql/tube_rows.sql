-- The tubes with these numbers as a scanner's list shows them, urgent and oldest first.
SELECT s.id, s.number, s.state, c.cap_colour AS cap, c.name_en AS container_en, c.name_ru AS container_ru, o.urgency,
       (SELECT count(*) FROM specimen_test x WHERE x.specimen_id = s.id AND x.state <> 'cancelled') AS tests,
       f.name_en AS origin_en, f.name_ru AS origin_ru, s.lane, s.collected_at, s.arrived_at,
       (SELECT max(e.at) FROM specimen_event e WHERE e.specimen_id = s.id AND e.kind = 'missing') AS missing_at,
       s.condition
  FROM specimen s
  JOIN container c ON c.id = s.container_id
  JOIN lab_order o ON o.id = s.order_id
  JOIN site f ON f.id = s.ordering_site_id
 WHERE s.number = ANY(%(numbers)s::text[])
 ORDER BY o.urgency DESC, s.collected_at, s.id;
