-- The audit's blocks after these ends of chains.
SELECT b.id
  FROM audit_head h
  LEFT JOIN unnest(%(slots)s::integer[], %(places)s::bigint[]) AS e (slot, place) ON e.slot = h.slot
 CROSS JOIN LATERAL (SELECT b.id FROM audit_block b WHERE b.slot = h.slot AND b.seq > coalesce(e.place, 0)) b;
