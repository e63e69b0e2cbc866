# The audit stands by month as the results do; a changed row is known by its block and its own id, without a third number.

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# A statement changes a row once, so block and row name it; every index that is not needed is time of every change.
ROWS = """
DO $do$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT i.indexrelid::regclass AS name FROM pg_index i
                WHERE i.indrelid = 'audit_row'::regclass AND NOT i.indisprimary
                  AND (SELECT attname FROM pg_attribute WHERE attrelid = i.indrelid AND attnum = i.indkey[0]) = 'block_id' LOOP
        EXECUTE format('DROP INDEX %s', one.name);
    END LOOP;
END $do$;
ALTER TABLE audit_row DROP CONSTRAINT audit_row_pkey;
ALTER TABLE audit_row DROP COLUMN id;
ALTER TABLE audit_row ADD PRIMARY KEY (block_id, row_id);
"""

PARTS = """
SELECT part_by_month('audit_block', 'id', 'id', 'id');
SELECT part_by_month('audit_row', 'block_id', 'block_id, row_id', '');
DROP FUNCTION part_by_month(text, text, text, text);
-- A block is numbered when its statement ends, in the month of that moment; its rows stand in the same month.
CREATE FUNCTION next_audit_block() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT month_begins(clock_timestamp()) + nextval('public.audit_block_id_seq')
$$;
REVOKE ALL ON FUNCTION next_audit_block() FROM PUBLIC;
"""


def add_months(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute("SELECT prepare_months()")


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0023_results_by_month'),
    ]

    operations = [
        # a chain's places are checked by `aliquot audit verify`; a table by month cannot hold them unique
        migrations.RemoveConstraint(model_name='auditblock', name='audit_block_place'),
        migrations.AddIndex(
            model_name='auditblock',
            index=models.Index(fields=['slot', 'seq'], name='audit_block_place'),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(ROWS, migrations.RunSQL.noop)],
            state_operations=[
                migrations.RemoveField(model_name='auditrow', name='id'),
                migrations.AlterField(
                    model_name='auditrow',
                    name='block',
                    field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=models.DO_NOTHING, to='aliquot.auditblock'),
                ),
                migrations.AddField(
                    model_name='auditrow',
                    name='pk',
                    field=models.CompositePrimaryKey('block_id', 'row_id', blank=True, editable=False, primary_key=True, serialize=False),
                ),
            ],
        ),
        migrations.RunSQL(PARTS, migrations.RunSQL.noop),
        migrations.RunPython(add_months, migrations.RunPython.noop),
    ]
