-- Which rows of these tables changed after one place in the audit, up to a block, in the order of the audit.
SELECT block_id, table_name, row_id FROM audit_row
 WHERE block_id >= %(block)s::bigint AND block_id <= %(until)s::bigint AND (block_id, row_id) > (%(block)s::bigint, %(row)s::bigint)
   AND row_id <> 0 AND table_name = ANY (%(tables)s::text[])
 ORDER BY block_id, row_id LIMIT %(limit)s;
