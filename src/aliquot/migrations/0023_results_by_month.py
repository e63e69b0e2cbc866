# Results stand by month: the id carries its month. What is there already becomes the first part, its ids unchanged.

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from pathlib import Path

MONTHS_SQL = Path(__file__).parent.parent / "foundation" / "months" / "sql" / "functions.sql"

CALENDAR = """
CREATE SCHEMA IF NOT EXISTS months;
REVOKE ALL ON SCHEMA months FROM PUBLIC;
CREATE FUNCTION month_of(at timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (date_part('year', at AT TIME ZONE 'UTC')::integer - 2020) * 12
           + date_part('month', at AT TIME ZONE 'UTC')::integer - 1
$$;
CREATE FUNCTION month_begins(at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT month_of(at)::bigint << 40
$$;
-- Read while a statement is planned, so that parts without any of these ids are left out before it runs.
CREATE FUNCTION least_of(ids bigint[]) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(min(id), 0) FROM unnest(ids) AS id
$$;
CREATE FUNCTION greatest_of(ids bigint[]) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(max(id), 0) FROM unnest(ids) AS id
$$;

-- A table becomes the first part of its successor, which has its indexes by the same names, and its constraints.
CREATE FUNCTION part_by_month(parent text, key text, primary_key text, numbered text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one record;
    first regclass;
    next bigint := 1;
    sequence text := format('public.%I', parent || '_' || numbered || '_seq');
    number text := format('month_begins(clock_timestamp()) + nextval(%L::regclass)', sequence);
BEGIN
    IF numbered <> '' THEN
        EXECUTE format('SELECT last_value + is_called::integer FROM %s', sequence) INTO next;
        EXECUTE format('ALTER TABLE public.%I ALTER COLUMN %I DROP IDENTITY', parent, numbered);
    END IF;
    EXECUTE format('ALTER TABLE public.%I RENAME TO %I', parent, parent || '_first');
    EXECUTE format('ALTER TABLE public.%I SET SCHEMA months', parent || '_first');
    first := format('months.%I', parent || '_first')::regclass;
    EXECUTE format('CREATE TABLE public.%I (LIKE %s INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS
                    INCLUDING STORAGE INCLUDING COMMENTS, PRIMARY KEY (%s)) PARTITION BY RANGE (%I)',
                   parent, first, primary_key, key);
    FOR one IN SELECT i.indexrelid AS name FROM pg_index i WHERE i.indrelid = first AND NOT i.indisprimary LOOP
        EXECUTE replace(pg_get_indexdef(one.name), format(' ON months.%I ', parent || '_first'), format(' ON public.%I ', parent));
    END LOOP;
    FOR one IN SELECT conname AS name, pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE conrelid = first AND contype = 'f' LOOP
        EXECUTE format('ALTER TABLE public.%I ADD CONSTRAINT %I %s', parent, one.name, one.text);
    END LOOP;
    IF numbered <> '' THEN
        EXECUTE format('CREATE SEQUENCE %s MAXVALUE 1099511627775 START %s OWNED BY public.%I.%I', sequence, next, parent, numbered);
        EXECUTE format('ALTER TABLE public.%I ALTER COLUMN %I SET DEFAULT %s', parent, numbered, number);
    END IF;
    -- ids from before ids had a month are less than the first month's
    EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION %s FOR VALUES FROM (MINVALUE) TO (%s)', parent, first, 1::bigint << 40);
    EXECUTE format('CREATE TABLE months.%I PARTITION OF public.%I DEFAULT', parent || '_stray', parent);
END $$;
"""

# Who looks back to a moment need not look at parts that end before it, a day for clocks that differ; what has no month
# is as young as this migration.
SINCE = """
DO $do$
DECLARE
    born text := CASE WHEN EXISTS (SELECT FROM result) THEN quote_literal(clock_timestamp() + INTERVAL '1 day') ELSE quote_literal('-infinity') END;
BEGIN
    EXECUTE format($f$
        CREATE FUNCTION results_since(at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT CASE WHEN at <= TIMESTAMPTZ %s THEN 0
                        ELSE greatest((date_part('year', (at AT TIME ZONE 'UTC') - INTERVAL '1 day')::integer - 2020) * 12
                             + date_part('month', (at AT TIME ZONE 'UTC') - INTERVAL '1 day')::integer - 1, 0)::bigint << 40 END
        $$ $f$, born);
END $do$;
"""

ITEMS = """
UPDATE order_item i SET result_id = r.id FROM result r WHERE r.order_item_id = i.id AND r.state = 'released';
"""

ONCE = """
-- One released result for a test of an order: the test names it. Whoever comes second finds the test taken.
CREATE FUNCTION note_release() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    freed_items bigint[];
    freed bigint[];
    items bigint[];
    results bigint[];
    taken integer;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- grouped, not joined: by its guess of how few are released, the planner compares all with all
        SELECT array_agg(item) FILTER (WHERE before = 'released' AND after <> 'released'),
               array_agg(id) FILTER (WHERE before = 'released' AND after <> 'released'),
               array_agg(item) FILTER (WHERE before <> 'released' AND after = 'released'),
               array_agg(id) FILTER (WHERE before <> 'released' AND after = 'released')
          INTO freed_items, freed, items, results
          FROM (SELECT id, max(order_item_id) AS item, max(state) FILTER (WHERE is_old) AS before,
                       max(state) FILTER (WHERE NOT is_old) AS after
                  FROM (SELECT id, order_item_id, state, true AS is_old FROM old_rows
                        UNION ALL SELECT id, order_item_id, state, false FROM new_rows) one
                 GROUP BY id) change;
        IF freed_items IS NOT NULL THEN
            UPDATE order_item i SET result_id = NULL FROM unnest(freed_items, freed) AS given (item, result)
             WHERE i.id = given.item AND i.result_id = given.result;
        END IF;
    ELSE
        SELECT array_agg(n.order_item_id), array_agg(n.id) INTO items, results FROM new_rows n WHERE n.state = 'released';
    END IF;
    IF items IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE order_item i
       SET result_id = given.result, state = CASE WHEN i.state = 'open' THEN 'reported' ELSE i.state END
      FROM unnest(items, results) AS given (item, result)
     WHERE i.id = given.item AND i.result_id IS NULL;
    GET DIAGNOSTICS taken = ROW_COUNT;
    IF taken <> cardinality(items) THEN
        RAISE unique_violation USING MESSAGE = 'a test of an order has one released result',
            CONSTRAINT = 'result_released_once', TABLE = 'result';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER released_once_insert AFTER INSERT ON result
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_release();
CREATE TRIGGER released_once_update AFTER UPDATE ON result
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_release();
REVOKE ALL ON FUNCTION note_release() FROM PUBLIC;

-- In place of two foreign keys: with them no month could be put away while anything points into it.
CREATE FUNCTION refuse_unknown_result() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    wanted bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
BEGIN
    PERFORM FROM result WHERE id = wanted;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = format('result %s is not there', wanted), TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER call_of_a_result BEFORE INSERT OR UPDATE OF result_id ON critical_call
    FOR EACH ROW EXECUTE FUNCTION refuse_unknown_result('result_id');
CREATE TRIGGER result_supersedes BEFORE INSERT OR UPDATE OF supersedes_id ON result
    FOR EACH ROW WHEN (NEW.supersedes_id IS NOT NULL) EXECUTE FUNCTION refuse_unknown_result('supersedes_id');
REVOKE ALL ON FUNCTION refuse_unknown_result() FROM PUBLIC;
"""

# A merge moves what is constrained: the rows of the whole table, not part by part.
MERGE = """
DO $do$
DECLARE
    text text := pg_get_functiondef('merge_patient_rows(bigint,bigint)'::regprocedure);
BEGIN
    EXECUTE replace(text, 'WHERE c.contype = ''f'' AND', 'WHERE c.contype = ''f'' AND c.conparentid = 0 AND');
END $do$;
"""


def add_functions(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute(MONTHS_SQL.read_text(encoding="utf-8"), params=None)
    schema_editor.execute("SELECT prepare_months()")


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0022_derived_tests'),
    ]

    operations = [
        migrations.AddField(
            model_name='orderitem',
            name='result_id',
            field=models.BigIntegerField(help_text='the released one; its id says in which month to look', null=True),
        ),
        migrations.RunSQL(ITEMS, migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name='result', name='result_released_once'),
        migrations.AlterField(
            model_name='result',
            name='supersedes',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='aliquot.result'),
        ),
        migrations.AlterField(
            model_name='criticalcall',
            name='result',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to='aliquot.result'),
        ),
        migrations.RunSQL(CALENDAR, migrations.RunSQL.noop),
        migrations.RunSQL("SELECT part_by_month('result', 'id', 'id', 'id')", migrations.RunSQL.noop),
        migrations.RunSQL(SINCE, migrations.RunSQL.noop),
        migrations.RunSQL(ONCE, migrations.RunSQL.noop),
        migrations.RunSQL(MERGE, migrations.RunSQL.noop),
        migrations.RunPython(add_functions, migrations.RunPython.noop),
    ]
