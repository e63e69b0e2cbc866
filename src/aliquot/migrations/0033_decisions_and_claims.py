# Who looks at a result, what a person may still take back, and which results wait too long.

import django.db.models.deletion
from django.db import migrations, models

KEPT_BACK = """
-- Whether a release may still be taken back: then the site that ordered does not see it yet.
CREATE FUNCTION is_kept_back(result bigint) RETURNS boolean LANGUAGE plpgsql STABLE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM decision d WHERE d.result_id = $1 AND d.ended_at IS NULL AND d.kind = 'released');
END $$;
REVOKE ALL ON FUNCTION is_kept_back(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_kept_back(bigint) TO aliquot_app;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0032_look_back_tasks'),
    ]

    operations = [
        migrations.CreateModel(
            name='ResultClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('result_id', models.BigIntegerField(unique=True)),
                ('by', models.TextField()),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('laboratory', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('ordering_site', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
            ],
            options={
                'db_table': 'result_claim',
                'indexes': [models.Index(fields=['by'], name='result_claim_by')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('result_id', models.BigIntegerField()),
                ('kind', models.TextField(choices=[('released', 'released'), ('refused', 'refused'), ('held', 'kept waiting')])),
                ('was', models.JSONField(help_text='{state, reasons, decided_at} before')),
                ('at', models.DateTimeField()),
                ('by', models.TextField()),
                ('until', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('was_taken_back', models.BooleanField(default=False)),
                ('laboratory', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='aliquot.order')),
                ('ordering_site', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
            ],
            options={
                'db_table': 'decision',
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['order'], name='decision_open')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('result_id',), name='decision_open_once')],
            },
        ),
        migrations.AddField(
            model_name='result',
            name='is_on_time',
            field=models.BooleanField(db_default=True, default=True, help_text='off: it waits longer than its test allows, and comes first'),
        ),
        migrations.RemoveIndex(model_name='result', name='result_worklist'),
        migrations.AddIndex(
            model_name='result',
            index=models.Index(condition=models.Q(('state', 'held')), fields=['laboratory', 'is_on_time', 'danger', 'id'], name='result_worklist'),
        ),
        migrations.RunSQL(KEPT_BACK, "DROP FUNCTION is_kept_back(bigint);"),
    ]
