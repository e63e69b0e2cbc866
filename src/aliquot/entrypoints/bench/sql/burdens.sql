-- What slows down filling these tables, each with how to take it away and how to give it back, in the order of giving.
WITH wanted AS (SELECT oid, relname FROM pg_class WHERE relname = ANY(%(tables)s::text[]) AND relkind = 'r')
SELECT take, give FROM (
    SELECT 1 AS step, format('ALTER TABLE %%I DROP CONSTRAINT %%I', w.relname, c.conname) AS take,
           format('ALTER TABLE %%I ADD CONSTRAINT %%I %%s', w.relname, c.conname, pg_get_constraintdef(c.oid)) AS give
      FROM pg_constraint c JOIN wanted w ON w.oid = c.conrelid
     WHERE c.contype = 'u'
    UNION ALL
    SELECT 2, format('DROP INDEX %%I', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
      FROM pg_index i JOIN wanted w ON w.oid = i.indrelid
     WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
    UNION ALL
    SELECT 3, format('ALTER TABLE %%I DROP CONSTRAINT %%I', w.relname, c.conname),
           format('ALTER TABLE %%I ADD CONSTRAINT %%I %%s NOT VALID', w.relname, c.conname, pg_get_constraintdef(c.oid))
      FROM pg_constraint c JOIN wanted w ON w.oid = c.conrelid
     WHERE c.contype = 'f'
    UNION ALL
    SELECT 4, format('ALTER TABLE %%I DISABLE TRIGGER %%I', w.relname, t.tgname),
           format('ALTER TABLE %%I ENABLE TRIGGER %%I', w.relname, t.tgname)
      FROM pg_trigger t JOIN wanted w ON w.oid = t.tgrelid
     WHERE NOT t.tgisinternal) burden
 ORDER BY step, take;
