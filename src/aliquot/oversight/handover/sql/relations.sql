-- Every table with rows of its own, and each month of those that stand by month: key, order and columns in their order.
SELECT CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS name,
       coalesce(p.relname, c.relname) AS table,
       array(SELECT a.attname::text FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
              ORDER BY a.attnum = i.indkey[0] DESC, a.attnum) AS columns,
       array(SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
              ORDER BY a.attnum = i.indkey[0] DESC, a.attnum) AS types,
       array(SELECT a.attname::text FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attgenerated <> '') AS computed,
       coalesce((SELECT a.attname::text FROM pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attnum = i.indkey[0]
                    AND a.atttypid IN ('bigint'::regtype, 'integer'::regtype, 'smallint'::regtype)), '') AS key,
       array(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k (number, place)
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
              ORDER BY k.place) AS ordering
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_inherits h ON h.inhrelid = c.oid
  LEFT JOIN pg_class p ON p.oid = h.inhparent
  LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
 WHERE c.relkind = 'r' AND n.nspname IN ('public', 'months')
   AND (n.nspname = 'public' OR h.inhparent IS NOT NULL)
 ORDER BY coalesce(p.relname, c.relname), c.relname;
