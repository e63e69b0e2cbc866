-- Changed rows, the latest first, narrowed by table, row, actor and time; an empty condition narrows nothing.
-- A list of values is given the names that stand in its block's row 0.
SELECT b.id AS block, b.at, b.actor, b.reason, r.table_name, b.operation, r.row_id, r.before,
       CASE WHEN jsonb_typeof(r.after) = 'array' THEN (
           SELECT jsonb_object_agg(name, value)
             FROM audit_row names
            CROSS JOIN ROWS FROM (jsonb_array_elements_text(names.after), jsonb_array_elements(r.after)) AS one (name, value)
            WHERE names.block_id = r.block_id AND names.row_id = 0)
       ELSE r.after END AS after
  FROM audit_block b
  JOIN audit_row r ON r.block_id = b.id AND r.row_id <> 0
 WHERE (%(table)s = '' OR r.table_name = %(table)s)
   AND (%(row_id)s::bigint IS NULL OR r.row_id = %(row_id)s)
   AND (%(actor)s = '' OR strpos(b.actor, %(actor)s) > 0)
   AND (%(since)s::timestamptz IS NULL OR b.at >= %(since)s)
   AND (%(until)s::timestamptz IS NULL OR b.at < %(until)s)
 ORDER BY b.id DESC, r.row_id
 LIMIT %(limit)s;
