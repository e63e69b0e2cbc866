# Dilutions and computed values stand in the result; tests that a rule adds stand beside the order.

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

STALE = """
-- A computed value follows its inputs before the transaction ends, or the transaction fails. Looked at only where a
-- released value leaves, which is seldom.
CREATE FUNCTION refuse_stale_value() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    stale bigint;
BEGIN
    SELECT r.id INTO stale
      FROM order_item d JOIN result r ON r.id = d.result_id
     WHERE d.order_id = NEW.order_id AND r.state = 'released' AND r.derived_from IS NOT NULL
       AND EXISTS (SELECT FROM unnest(r.derived_from) AS input (id)
                    WHERE NOT EXISTS (SELECT FROM order_item i WHERE i.order_id = NEW.order_id AND i.result_id = input.id))
     LIMIT 1;
    IF FOUND THEN
        RAISE check_violation USING MESSAGE = format('computed result %s does not follow its inputs', stale),
            CONSTRAINT = 'result_derived_follows', TABLE = 'result';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER derived_follows AFTER UPDATE OF result_id ON order_item DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.result_id IS NOT NULL AND NEW.result_id IS DISTINCT FROM OLD.result_id)
    EXECUTE FUNCTION refuse_stale_value();
REVOKE ALL ON FUNCTION refuse_stale_value() FROM PUBLIC;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0026_rule_sets'),
    ]

    operations = [
        migrations.AddField(
            model_name='orderitem',
            name='added_by',
            field=models.TextField(blank=True, db_default='', default='', help_text='the rule that added it'),
        ),
        migrations.AddField(
            model_name='orderitem',
            name='is_billable',
            field=models.BooleanField(db_default=True, default=True, help_text='charged once, however often measured'),
        ),
        migrations.AddField(
            model_name='result',
            name='derived_from',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), help_text='ids of the results it was computed from', null=True, size=None),
        ),
        migrations.AddField(
            model_name='result',
            name='dilution',
            field=models.TextField(blank=True, db_default='', default='', help_text='as the analyzer says; empty: undiluted'),
        ),
        migrations.AlterField(
            model_name='result',
            name='state',
            field=models.TextField(choices=[('recorded', 'being decided'), ('held', 'waits for a person'), ('released', 'released'), ('superseded', 'replaced'), ('refused', 'refused by a person'), ('kept', 'a further run, not reported')], default='recorded'),
        ),
        migrations.CreateModel(
            name='AddOn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.TextField(help_text="the rule's code")),
                ('result_id', models.BigIntegerField(help_text='the value that brought it; its id says in which month to look')),
                ('tests', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), help_text='codes of the catalogue', size=None)),
                ('is_billed', models.BooleanField(default=True)),
                ('depth', models.SmallIntegerField(default=1, help_text='1: brought by an ordered test; 2: by an added one')),
                ('state', models.TextField(choices=[('added', 'added to the order'), ('proposed', 'waits for consent'), ('redraw', 'no tube is fit: waits for a new one to be agreed'), ('declined', 'declined')])),
                ('note', models.TextField(blank=True, default='', help_text='why no tube is fit, or why it was declined')),
                ('asked_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.TextField(blank=True, default='')),
                ('laboratory', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='add_ons', to='aliquot.order')),
                ('ordering_site', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
            ],
            options={
                'db_table': 'add_on',
                'indexes': [models.Index(condition=models.Q(('state__in', ['proposed', 'redraw'])), fields=['laboratory', 'asked_at'], name='add_on_waiting')],
                'constraints': [models.UniqueConstraint(fields=('order', 'rule'), name='add_on_once')],
            },
        ),
        migrations.RunSQL(STALE, migrations.RunSQL.noop),
    ]
