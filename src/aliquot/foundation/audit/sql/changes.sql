-- Changed rows, the latest first, narrowed by table, row, actor and time; an empty condition narrows nothing.
SELECT b.id AS block, b.at, b.actor, b.reason, r.table_name, b.operation, r.row_id, r.before, r.after
  FROM audit_block b
  JOIN audit_row r ON r.block_id = b.id
 WHERE (%(table)s = '' OR r.table_name = %(table)s)
   AND (%(row_id)s::bigint IS NULL OR r.row_id = %(row_id)s)
   AND (%(actor)s = '' OR strpos(b.actor, %(actor)s) > 0)
   AND (%(since)s::timestamptz IS NULL OR b.at >= %(since)s)
   AND (%(until)s::timestamptz IS NULL OR b.at < %(until)s)
 ORDER BY b.id DESC, r.row_id
 LIMIT %(limit)s;
