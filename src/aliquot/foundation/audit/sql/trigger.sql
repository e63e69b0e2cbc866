-- The audit of one table: its columns are named, so that a set of rows is compared without unpacking JSON, and of a changed
-- row only what changed is written. New rows of a busy table are lists of values, whose names stand once, in the block's row 0.
CREATE OR REPLACE FUNCTION audit_{table}() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    block bigint := next_audit_block();
    row_count integer;
    digest bytea;
BEGIN
    IF TG_OP = 'INSERT' THEN
        WITH kept AS (
            INSERT INTO audit_row (block_id, table_name, row_id, before, after)
            {header}SELECT block, '{table}', n.{key}, NULL, {inserted} FROM new_rows n
            RETURNING row_id, before, after)
        SELECT count(*), sha256(convert_to(string_agg(
            concat_ws(E'\x1f', row_id, '', after), E'\x1e' ORDER BY row_id), 'UTF8')) INTO row_count, digest FROM kept;
    ELSIF TG_OP = 'UPDATE' THEN
        WITH changed AS (
            SELECT n.{key} AS row_id, ('{{' || concat_ws(',', {before}) || '}}')::jsonb AS before,
                   ('{{' || concat_ws(',', {after}) || '}}')::jsonb AS after
              FROM old_rows o JOIN new_rows n USING ({key})
        ), kept AS (
            INSERT INTO audit_row (block_id, table_name, row_id, before, after)
            SELECT block, '{table}', row_id, before, after FROM changed WHERE after <> '{{}}'
            RETURNING row_id, before, after)
        SELECT count(*), sha256(convert_to(string_agg(
            concat_ws(E'\x1f', row_id, before, after), E'\x1e' ORDER BY row_id), 'UTF8')) INTO row_count, digest FROM kept;
    ELSE
        WITH kept AS (
            INSERT INTO audit_row (block_id, table_name, row_id, before, after)
            SELECT block, '{table}', o.{key}, to_jsonb(o) - '{left_out}'::text[], NULL FROM old_rows o
            RETURNING row_id, before, after)
        SELECT count(*), sha256(convert_to(string_agg(
            concat_ws(E'\x1f', row_id, before, ''), E'\x1e' ORDER BY row_id), 'UTF8')) INTO row_count, digest FROM kept;
    END IF;
    IF row_count > 0 THEN
        PERFORM audit_append(block, '{table}', lower(TG_OP), row_count, digest);
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS audit_insert ON {table};
CREATE TRIGGER audit_insert AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_{table}();
DROP TRIGGER IF EXISTS audit_update ON {table};
CREATE TRIGGER audit_update AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_{table}();
DROP TRIGGER IF EXISTS audit_delete ON {table};
CREATE TRIGGER audit_delete AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_{table}();
REVOKE ALL ON FUNCTION audit_{table}() FROM PUBLIC;
