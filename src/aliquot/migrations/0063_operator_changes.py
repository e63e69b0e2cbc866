# Changes of the operator, planned by one and approved by another.

import django.db.models.deletion
from django.db import migrations, models

# Whoever decides about operators sees how much work is open, never a patient.
FUNCTION = """
CREATE FUNCTION open_work(asked bigint[]) RETURNS TABLE (site_id bigint, kind text, amount bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT (aliquot_may('plan_operator_change') OR aliquot_may('approve_operator_change')) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only who decides about operators counts the work of others';
    END IF;
    RETURN QUERY
    SELECT o.laboratory_id, 'order', count(*) FROM lab_order o
     WHERE o.laboratory_id = ANY(asked) AND o.state = 'placed' AND o.placed_at > now() - interval '90 days'
     GROUP BY 1
    UNION ALL
    SELECT s.laboratory_id, 'tube_under_way', count(*) FROM specimen s
     WHERE s.laboratory_id = ANY(asked) AND s.state IN ('collected', 'packed', 'in_transit', 'arrived') GROUP BY 1
    UNION ALL
    SELECT t.laboratory_id, 'test_to_measure', count(*) FROM specimen_test t
     WHERE t.laboratory_id = ANY(asked) AND t.state = 'accepted' GROUP BY 1
    UNION ALL
    SELECT r.laboratory_id, 'result_waiting', count(*) FROM result r
     WHERE r.laboratory_id = ANY(asked) AND r.state = 'held' GROUP BY 1
    UNION ALL
    SELECT c.laboratory_id, 'call_open', count(*) FROM critical_call c
     WHERE c.laboratory_id = ANY(asked) AND c.state = 'open' GROUP BY 1
    UNION ALL
    SELECT l.laboratory_id, 'look_back_open', count(*) FROM look_back l
     WHERE l.laboratory_id = ANY(asked) AND l.state = 'open' GROUP BY 1
    UNION ALL
    SELECT n.laboratory_id, 'nonconformity_open', count(*) FROM nonconformity n
     WHERE n.laboratory_id = ANY(asked) AND n.state NOT IN ('closed', 'dismissed') GROUP BY 1;
END $$;
REVOKE ALL ON FUNCTION open_work(bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_work(bigint[]) TO aliquot_app;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0062_who_operates'),
    ]

    operations = [
        migrations.CreateModel(
            name='OperatorChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateTimeField(help_text='the first moment of the new operator')),
                ('reason', models.TextField()),
                ('state', models.TextField(choices=[('planned', 'planned'), ('approved', 'approved'), ('withdrawn', 'withdrawn')], default='planned')),
                ('effect', models.JSONField(default=dict, help_text='what the approver was shown that it changes')),
                ('planned_at', models.DateTimeField()),
                ('planned_by', models.TextField()),
                ('approved_at', models.DateTimeField(null=True)),
                ('approved_by', models.TextField(blank=True, default='')),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdrawn_by', models.TextField(blank=True, default='')),
                ('withdrawn_why', models.TextField(blank=True, default='')),
                ('contract', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.contract')),
                ('operator', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.organisation')),
            ],
            options={
                'db_table': 'operator_change',
            },
        ),
        migrations.CreateModel(
            name='OperatorChangeSite',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('would_end', models.DateTimeField(null=True)),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='aliquot.operatorchange')),
                ('ended', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.operation')),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
            ],
            options={
                'db_table': 'operator_change_site',
            },
        ),
        migrations.AddConstraint(
            model_name='operatorchange',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by', models.F('planned_by')), _negated=True), name='operator_change_by_two'),
        ),
        migrations.AddConstraint(
            model_name='operatorchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'approved'), _negated=True), ('approved_at__isnull', False), _connector='OR'), name='operator_change_approved'),
        ),
        migrations.AddConstraint(
            model_name='operatorchange',
            constraint=models.CheckConstraint(condition=models.Q(('approved_at', None), ('approved_at__lt', models.F('on')), _connector='OR'), name='operator_change_ahead'),
        ),
        migrations.AddConstraint(
            model_name='operatorchangesite',
            constraint=models.UniqueConstraint(fields=('change', 'site'), name='operator_change_site_once'),
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION open_work(bigint[])"),
    ]
