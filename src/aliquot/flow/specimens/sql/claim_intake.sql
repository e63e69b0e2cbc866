-- Lock the tubes with these numbers and say all that reception's decision needs of each, with the tests it serves.
SELECT s.id, s.number, s.state, s.laboratory_id, c.code AS container, s.collected_at, s.spun_at, s.lane, s.condition,
       st.is_hard_to_recollect AS is_irreplaceable, o.state AS order_state,
       (SELECT jsonb_agg(jsonb_build_object(
                   'id', x.id, 'state', x.state, 'item', i.state, 'code', t.code, 'container', tc.code,
                   'volume_ul', t.volume_ul, 'needs_spinning', t.is_centrifuged,
                   'unspun_room_minutes', t.unspun_room_minutes, 'unspun_cold_minutes', t.unspun_cold_minutes,
                   'stable_room_minutes', t.stable_room_minutes, 'stable_cold_minutes', t.stable_cold_minutes,
                   'stable_frozen_minutes', t.stable_frozen_minutes, 'spoilt_by', t.spoilt_by) ORDER BY i.position)
          FROM specimen_test x JOIN order_item i ON i.id = x.order_item_id
          JOIN test t ON t.id = x.test_id JOIN container tc ON tc.id = t.container_id
         WHERE x.specimen_id = s.id) AS tests
  FROM specimen s
  JOIN container c ON c.id = s.container_id
  JOIN specimen_type st ON st.id = s.specimen_type_id
  JOIN lab_order o ON o.id = s.order_id
 WHERE s.number = ANY(%(numbers)s::text[])
 ORDER BY s.id
   FOR UPDATE OF s;
