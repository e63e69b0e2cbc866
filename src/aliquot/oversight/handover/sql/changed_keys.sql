-- The rows that the audit's blocks after these ends of chains name.
SELECT DISTINCT r.table_name, r.row_id
  FROM audit_head h
  LEFT JOIN unnest(%(slots)s::integer[], %(places)s::bigint[]) AS e (slot, place) ON e.slot = h.slot
 CROSS JOIN LATERAL (SELECT b.id FROM audit_block b WHERE b.slot = h.slot AND b.seq > coalesce(e.place, 0)) b
  JOIN audit_row r ON r.block_id = b.id
 WHERE r.row_id <> 0;
