-- The parts of every table by month, results first: writers of results lock the audit after them.
SELECT p.relname, CASE WHEN right(c.relname, 6) = '_first' THEN 'first' ELSE replace(right(c.relname, 7), '_', '-') END,
       'months.' || c.relname
  FROM pg_inherits i
  JOIN pg_class p ON p.oid = i.inhparent
  JOIN pg_class c ON c.oid = i.inhrelid
 WHERE p.relkind = 'p' AND p.relnamespace = 'public'::regnamespace AND right(c.relname, 6) <> '_stray'
 ORDER BY p.relname DESC, c.relname;
