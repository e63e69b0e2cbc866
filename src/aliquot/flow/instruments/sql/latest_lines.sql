-- The latest reading of each position of these messages, as the ledger has it.
SELECT DISTINCT ON (r.message_id, r.position) r.message_id, r.id, r.position, r.state, r.specimen_code, r.code, r.value,
       r.number, r.unit, r.flags, r.status, r.measured_at
  FROM reading r
 WHERE r.message_id = ANY(%(messages)s::bigint[])
 ORDER BY r.message_id, r.position, r.id DESC;
