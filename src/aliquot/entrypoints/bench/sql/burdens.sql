-- What slows down filling these tables, each with how to take it away and how to give it back, in the order of giving.
-- Of a table by month: from the whole; its foreign keys are checked when they come back.
WITH wanted AS (
    SELECT oid, relname, relkind FROM pg_class
     WHERE relname = ANY(%(tables)s::text[]) AND relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace)
SELECT take, give FROM (
    SELECT 1 AS step, format('ALTER TABLE %%I DROP CONSTRAINT %%I', w.relname, c.conname) AS take,
           format('ALTER TABLE %%I ADD CONSTRAINT %%I %%s', w.relname, c.conname, pg_get_constraintdef(c.oid)) AS give
      FROM pg_constraint c JOIN wanted w ON w.oid = c.conrelid
     WHERE c.contype = 'u'
    UNION ALL
    SELECT 2, format('DROP INDEX %%I', i.indexrelid::regclass), replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')
      FROM pg_index i JOIN wanted w ON w.oid = i.indrelid
     WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
    UNION ALL
    SELECT 3, format('ALTER TABLE %%I DROP CONSTRAINT %%I', w.relname, c.conname),
           format('ALTER TABLE %%I ADD CONSTRAINT %%I %%s%%s', w.relname, c.conname, pg_get_constraintdef(c.oid),
                  CASE WHEN w.relkind = 'r' THEN ' NOT VALID' ELSE '' END)
      FROM pg_constraint c JOIN wanted w ON w.oid = c.conrelid
     WHERE c.contype = 'f'
    UNION ALL
    SELECT 4, format('ALTER TABLE %%I DISABLE TRIGGER %%I', w.relname, t.tgname),
           format('ALTER TABLE %%I ENABLE TRIGGER %%I', w.relname, t.tgname)
      FROM pg_trigger t JOIN wanted w ON w.oid = t.tgrelid
     WHERE NOT t.tgisinternal) burden
 ORDER BY step, take;
