-- Making a month of a table: filled in aside, dressed like its parent, then attached; the owner's hand.
CREATE OR REPLACE FUNCTION dress_month(parent regclass, part regclass) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    one record;
BEGIN
    -- nobody comes to a part but through its parent, whose policies then hold
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, aliquot_app', part);
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', part);
    FOR one IN SELECT polname AS name FROM pg_policy WHERE polrelid = part LOOP
        EXECUTE format('DROP POLICY %I ON %s', one.name, part);
    END LOOP;
    -- a statement that names the part fires the part's own triggers alone; those for each row come with attaching
    FOR one IN SELECT tgname AS name FROM pg_trigger WHERE tgrelid = part AND NOT tgisinternal AND tgtype & 1 = 0 LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', one.name, part);
    END LOOP;
    FOR one IN SELECT pg_get_triggerdef(oid) AS text FROM pg_trigger WHERE tgrelid = parent
                  AND NOT tgisinternal AND tgtype & 1 = 0 LOOP
        EXECUTE replace(one.text, format(' ON public.%s ', parent), format(' ON %s ', part));
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION month_table(parent text, month integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT parent || to_char(make_date(2020 + month / 12, month % 12 + 1, 1), '"_"YYYY"_"MM') $$;

CREATE OR REPLACE FUNCTION attach_month(parent text, month integer) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    part text := format('months.%I', month_table(parent, month));
    one record;
BEGIN
    PERFORM dress_month(format('public.%I', parent)::regclass, part::regclass);
    EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%s)',
                   parent, part, month::bigint << 40, (month + 1)::bigint << 40);
    FOR one IN SELECT i.inhrelid::regclass AS index, p.relname || right(month_table(parent, month), 8) AS name
                 FROM pg_inherits i
                 JOIN pg_class p ON p.oid = i.inhparent
                 JOIN pg_index x ON x.indexrelid = i.inhrelid AND x.indrelid = part::regclass
                 JOIN pg_class c ON c.oid = i.inhrelid
                WHERE c.relname <> p.relname || right(month_table(parent, month), 8) LOOP
        EXECUTE format('ALTER INDEX %s RENAME TO %I', one.index, one.name);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION add_month(parent text, month integer) RETURNS boolean LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    part text := format('months.%I', month_table(parent, month));
    stray text := format('months.%I', parent || '_stray');
    key text;
    columns text;
BEGIN
    IF to_regclass(part) IS NOT NULL THEN
        RETURN false;
    END IF;
    SELECT a.attname INTO key FROM pg_partitioned_table p
      JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
     WHERE p.partrelid = format('public.%I', parent)::regclass;
    SELECT string_agg(format('%I', attname), ', ' ORDER BY attnum) INTO columns FROM pg_attribute
     WHERE attrelid = format('public.%I', parent)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
    EXECUTE format('CREATE TABLE %s (LIKE public.%I INCLUDING ALL)', part, parent);
    -- rows that came while the month was not there move; to move them changes nothing that the audit would tell
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', stray);
    EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', stray);
    EXECUTE format('WITH moved AS (DELETE FROM %s WHERE %I >= %s AND %I < %s RETURNING *)
                    INSERT INTO %s (%s) SELECT %s FROM moved',
                   stray, key, month::bigint << 40, key, (month + 1)::bigint << 40, part, columns, columns);
    EXECUTE format('ALTER TABLE %s ENABLE TRIGGER USER', stray);
    PERFORM attach_month(parent, month);
    RETURN true;
END $$;

CREATE OR REPLACE FUNCTION prepare_months() RETURNS integer LANGUAGE plpgsql
    SECURITY DEFINER SET lock_timeout = '2s' SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    made integer := 0;
    parent text;
    month integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(7302, 1) THEN
        RETURN 0;  -- somebody else is at it
    END IF;
    FOR parent IN SELECT c.relname FROM pg_class c WHERE c.relkind = 'p' AND c.relnamespace = 'public'::regnamespace
                   ORDER BY 1 LOOP
        FOR month IN SELECT month_of(clock_timestamp()) + ahead FROM generate_series(0, 3) AS ahead LOOP
            made := made + add_month(parent, month)::integer;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;

REVOKE ALL ON FUNCTION dress_month(regclass, regclass), attach_month(text, integer), add_month(text, integer),
    prepare_months() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prepare_months() TO aliquot_app;

CREATE OR REPLACE FUNCTION attach_first(parent text) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    part text := format('months.%I', parent || '_first');
BEGIN
    PERFORM dress_month(format('public.%I', parent)::regclass, part::regclass);
    EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION %s FOR VALUES FROM (MINVALUE) TO (%s)', parent, part, 1::bigint << 40);
END $$;
REVOKE ALL ON FUNCTION attach_first(text) FROM PUBLIC;
