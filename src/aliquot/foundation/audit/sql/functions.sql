-- The audit's hand: each database session writes to a chain of its own, held by a session lock.
CREATE OR REPLACE FUNCTION audit_slot() RETURNS integer LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held text := current_setting('aliquot.audit_slot', true);
BEGIN
    -- a lock that this session holds is taken once more; whatever the setting says, the chain is ours alone then
    IF held ~ '^[0-9]{1,6}$' AND pg_try_advisory_lock(7301, held::integer)
       AND EXISTS (SELECT FROM audit_head h WHERE h.slot = held::integer) THEN
        RETURN held::integer;
    END IF;
    FOR slot IN 1 .. 100000 LOOP
        IF pg_try_advisory_lock(7301, slot) THEN
            INSERT INTO audit_head (slot, seq, hash) VALUES (slot, 0, '') ON CONFLICT DO NOTHING;
            PERFORM set_config('aliquot.audit_slot', slot::text, false);
            RETURN slot;
        END IF;
    END LOOP;
    RAISE EXCEPTION 'no free audit chain';
END $$;

CREATE OR REPLACE FUNCTION audit_link(
    before_hash bytea, digest bytea, slot integer, seq bigint, at timestamptz,
    actor text, reason text, table_name text, operation text, row_count integer
) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256(before_hash || digest || convert_to(concat_ws(E'\x1f', slot, seq,
        extract(epoch FROM at)::numeric(20, 6), actor, reason, table_name, operation, row_count), 'UTF8'))
$$;

CREATE OR REPLACE FUNCTION audit_append(
    block bigint, changed_table text, changed_by text, row_count integer, digest bytea
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    chain integer := audit_slot();
    place bigint;
    earlier bytea;
    moment timestamptz := clock_timestamp();
    who text := coalesce(nullif(current_setting('aliquot.actor', true), ''), 'database:' || session_user);
    because text := coalesce(current_setting('aliquot.reason', true), '');
    link bytea;
BEGIN
    SELECT seq + 1, hash INTO place, earlier FROM audit_head WHERE slot = chain FOR UPDATE;
    link := audit_link(earlier, digest, chain, place, moment, who, because, changed_table, changed_by, row_count);
    INSERT INTO audit_block (id, slot, seq, at, actor, reason, table_name, operation, rows, digest, hash)
    VALUES (block, chain, place, moment, who, because, changed_table, changed_by, row_count, digest, link);
    UPDATE audit_head SET seq = place, hash = link WHERE slot = chain;
END $$;

REVOKE ALL ON FUNCTION audit_slot() FROM PUBLIC;
REVOKE ALL ON FUNCTION audit_append(bigint, text, text, integer, bytea) FROM PUBLIC;
