# Calls of critical values keep their value, their policy and every step of their ladder; contacts have hours.

import django.db.models.deletion
from django.db import migrations, models


STEPS = "open>closed open>withdrawn"
BY_THE_DATABASE = f"""
CREATE TRIGGER critical_call_steps BEFORE UPDATE OF state ON critical_call FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND OLD.state || '>' || NEW.state <> ALL ('{{{",".join(STEPS.split())}}}'::text[]))
    EXECUTE FUNCTION refuse_step();
"""
FILL = """
UPDATE critical_call c
   SET test_id = r.test_id, value_text = r.value_text, value = r.value, comparator = r.comparator, unit = r.unit,
       flag = r.flag, ward = o.ward, how = CASE WHEN c.state = 'closed' THEN 'phone' ELSE '' END,
       ladder = CASE WHEN c.state = 'open' THEN '[["requester", 0]]'::jsonb ELSE '[]'::jsonb END,
       next_step_at = CASE WHEN c.state = 'open' THEN c.opened_at END
  FROM result r
  JOIN lab_order o ON o.id = r.order_id
 WHERE r.id = c.result_id;
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM critical_call WHERE test_id IS NULL) THEN
        RAISE EXCEPTION 'calls point into months that are put away: restore these months, then migrate';
    END IF;
END $$;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0028_look_back_and_notices'),
    ]

    operations = [
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_en', models.TextField()),
                ('name_ru', models.TextField()),
                ('function', models.TextField(choices=[('requester', 'ordering physicians'), ('ward', 'ward'), ('duty_doctor', 'doctor on duty'), ('department_head', 'head of department'), ('on_call', 'on call for the site'), ('laboratory_doctor', 'laboratory doctor on duty'), ('director', 'laboratory director')])),
                ('ward', models.TextField(blank=True, default='', help_text='empty: for the whole site')),
                ('phone', models.TextField()),
                ('days', models.TextField(default='1234567', help_text='days of the week, Monday is 1')),
                ('on_from', models.TimeField(blank=True, help_text="at the site's clock; empty: all day", null=True)),
                ('on_until', models.TimeField(blank=True, null=True)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'db_table': 'contact',
            },
        ),
        migrations.CreateModel(
            name='CriticalEscalation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.SmallIntegerField()),
                ('at', models.DateTimeField()),
                ('whom', models.TextField()),
                ('was_passed_over', models.BooleanField(default=False)),
                ('contacts', models.JSONField(default=list, help_text='who was on duty then: [{name_en, name_ru, phone}]')),
            ],
            options={
                'db_table': 'critical_escalation',
            },
        ),
        migrations.AddField(
            model_name='criticalattempt',
            name='how',
            field=models.TextField(blank=True, default='phone'),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='about',
            field=models.ForeignKey(db_index=False, help_text='the call it takes back', null=True, on_delete=django.db.models.deletion.PROTECT, to='aliquot.criticalcall'),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='acknowledge_due_at',
            field=models.DateTimeField(help_text='read in the application until then, or telephone', null=True),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='comparator',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='flag',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='how',
            field=models.TextField(blank=True, choices=[('phone', 'by telephone'), ('in_person', 'in person'), ('app', 'read in the application')], default=''),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='kind',
            field=models.TextField(choices=[('value', 'critical value'), ('withdrawal', 'withdrawal of a value that was told')], default='value'),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='ladder',
            field=models.JSONField(default=list, help_text='[[whom, minutes], ...]'),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='next_step_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='policies',
            field=models.TextField(blank=True, default='', help_text='codes of the policies it follows'),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='read_at',
            field=models.DateTimeField(help_text='opened by somebody of the site that ordered', null=True),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='read_by',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='step',
            field=models.SmallIntegerField(default=-1, help_text='the last step of the ladder that was taken'),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='test',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='aliquot.test'),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='told_role',
            field=models.TextField(blank=True, choices=[('physician', 'ordering physician'), ('duty_doctor', 'doctor on duty'), ('department_head', 'head of department'), ('nurse', 'nurse')], default=''),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='unit',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='value',
            field=models.DecimalField(decimal_places=6, max_digits=18, null=True),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='value_text',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='criticalcall',
            name='ward',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='criticalcall',
            name='test',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='aliquot.test'),
        ),
        migrations.AlterField(
            model_name='criticalcall',
            name='result',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='aliquot.result'),
        ),
        migrations.AlterField(
            model_name='criticalcall',
            name='state',
            field=models.TextField(choices=[('open', 'to be told'), ('closed', 'told and read back'), ('noted', 'as told before: noted, not called'), ('withdrawn', 'value refused or replaced')], default='open'),
        ),
        migrations.AddIndex(
            model_name='criticalcall',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['ordering_site', 'due_at'], name='critical_call_to_read'),
        ),
        migrations.AddIndex(
            model_name='criticalcall',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['next_step_at'], name='critical_call_to_climb'),
        ),
        migrations.AddIndex(
            model_name='criticalcall',
            index=models.Index(condition=models.Q(('kind', 'value'), ('state', 'closed')), fields=['patient', 'test', '-closed_at'], name='critical_call_told'),
        ),
        migrations.AddIndex(
            model_name='criticalcall',
            index=models.Index(fields=['laboratory', '-opened_at'], name='critical_call_lately'),
        ),
        migrations.AddConstraint(
            model_name='criticalcall',
            constraint=models.UniqueConstraint(fields=('result', 'kind'), name='critical_call_once'),
        ),
        migrations.AddConstraint(
            model_name='criticalcall',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), _negated=True), models.Q(('closed_at__isnull', False), models.Q(('told_to', ''), _negated=True), models.Q(('read_back', ''), _negated=True)), _connector='OR'), name='critical_call_complete'),
        ),
        migrations.AddField(
            model_name='contact',
            name='site',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='aliquot.site'),
        ),
        migrations.AddField(
            model_name='criticalescalation',
            name='call',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='escalations', to='aliquot.criticalcall'),
        ),
        migrations.AddField(
            model_name='criticalescalation',
            name='laboratory',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site'),
        ),
        migrations.AddField(
            model_name='criticalescalation',
            name='ordering_site',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['site', 'function'], name='contact_of_site'),
        ),
        migrations.AddConstraint(
            model_name='criticalescalation',
            constraint=models.UniqueConstraint(fields=('call', 'step'), name='critical_escalation_once'),
        ),
        migrations.RunSQL(BY_THE_DATABASE, 'DROP TRIGGER critical_call_steps ON critical_call'),
    ]
