# Results are withdrawn or recalled, in one action whatever their number; who was told before is told of it.

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0027_runs_and_add_ons'),
    ]

    operations = [
        migrations.CreateModel(
            name='LookBack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('criteria', models.JSONField(help_text='what was looked for, as in rules/look_back.py')),
                ('reason', models.TextField()),
                ('state', models.TextField(choices=[('open', 'under investigation'), ('closed', 'finished')], default='open')),
                ('opened_at', models.DateTimeField()),
                ('opened_by', models.TextField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.TextField(blank=True, default='')),
                ('conclusion', models.TextField(blank=True, default='')),
            ],
            options={
                'db_table': 'look_back',
            },
        ),
        migrations.CreateModel(
            name='LookBackMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('result_id', models.BigIntegerField()),
                ('was', models.TextField(help_text='its state before: released ones are recalled, others held')),
            ],
            options={
                'db_table': 'look_back_member',
            },
        ),
        migrations.CreateModel(
            name='LookBackStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.TextField(choices=[('recalled', 'held or recalled'), ('withdrawn', 'values withdrawn'), ('released_again', 'given free again'), ('repeated', 'to be measured again'), ('amended', 'a value corrected')])),
                ('reason', models.TextField()),
                ('at', models.DateTimeField()),
                ('by', models.TextField()),
                ('count', models.IntegerField(default=0)),
            ],
            options={
                'db_table': 'look_back_step',
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('earlier_version', models.SmallIntegerField(help_text='what the recipient had been told before', null=True)),
                ('person', models.TextField(blank=True, default='', help_text='who had looked at the earlier version')),
                ('reason', models.TextField(blank=True, default='')),
                ('told_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(help_text='to be acknowledged until then, or it is told by telephone')),
                ('seen_at', models.DateTimeField(null=True)),
                ('seen_by', models.TextField(blank=True, default='')),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('acknowledged_by', models.TextField(blank=True, default='')),
                ('told_to', models.TextField(blank=True, default='', help_text='who took it by telephone')),
            ],
            options={
                'db_table': 'report_notice',
            },
        ),
        migrations.CreateModel(
            name='NoticeAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('by', models.TextField()),
                ('was_reached', models.BooleanField()),
                ('told_to', models.TextField(blank=True, default='')),
                ('note', models.TextField(blank=True, default='')),
            ],
            options={
                'db_table': 'report_notice_attempt',
            },
        ),
        migrations.CreateModel(
            name='ReleaseState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(null=True)),
                ('qc_state', models.TextField(choices=[('in_control', 'in control'), ('out_of_control', 'out of control'), ('unknown', 'not known')], default='unknown')),
                ('calibrated_until', models.DateTimeField(null=True)),
                ('calibrator_lot', models.TextField(blank=True, default='')),
                ('reagent_lot', models.TextField(blank=True, default='')),
                ('reagent_expires_at', models.DateTimeField(null=True)),
                ('note', models.TextField(blank=True, default='')),
                ('by', models.TextField()),
            ],
            options={
                'db_table': 'release_state',
            },
        ),
        migrations.AlterField(
            model_name='result',
            name='state',
            field=models.TextField(choices=[('recorded', 'being decided'), ('held', 'waits for a person'), ('released', 'released'), ('superseded', 'replaced'), ('refused', 'refused by a person'), ('recalled', 'under investigation, do not use'), ('withdrawn', 'withdrawn, do not use'), ('kept', 'a further run, not reported')], default='recorded'),
        ),
        migrations.AddIndex(
            model_name='result',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['measured_at'], name='result_measured', opclasses=['timestamptz_minmax_multi_ops'], pages_per_range=16),
        ),
        migrations.AddField(
            model_name='lookback',
            name='laboratory',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site'),
        ),
        migrations.AddField(
            model_name='lookbackmember',
            name='laboratory',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site'),
        ),
        migrations.AddField(
            model_name='lookbackmember',
            name='look_back',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='aliquot.lookback'),
        ),
        migrations.AddField(
            model_name='lookbackmember',
            name='order',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='aliquot.order'),
        ),
        migrations.AddField(
            model_name='lookbackmember',
            name='ordering_site',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site'),
        ),
        migrations.AddField(
            model_name='lookbackstep',
            name='laboratory',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site'),
        ),
        migrations.AddField(
            model_name='lookbackstep',
            name='look_back',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='aliquot.lookback'),
        ),
        migrations.AddField(
            model_name='lookbackmember',
            name='settled',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settled_members', to='aliquot.lookbackstep'),
        ),
        migrations.AddField(
            model_name='notice',
            name='laboratory',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site'),
        ),
        migrations.AddField(
            model_name='notice',
            name='ordering_site',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site'),
        ),
        migrations.AddField(
            model_name='notice',
            name='report',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='aliquot.report'),
        ),
        migrations.AddField(
            model_name='notice',
            name='step',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='aliquot.lookbackstep'),
        ),
        migrations.AddField(
            model_name='noticeattempt',
            name='laboratory',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site'),
        ),
        migrations.AddField(
            model_name='noticeattempt',
            name='notice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='aliquot.notice'),
        ),
        migrations.AddField(
            model_name='noticeattempt',
            name='ordering_site',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site'),
        ),
        migrations.AddField(
            model_name='releasestate',
            name='analyzer',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.analyzer'),
        ),
        migrations.AddField(
            model_name='releasestate',
            name='laboratory',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site'),
        ),
        migrations.AddField(
            model_name='releasestate',
            name='test',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.test'),
        ),
        migrations.AddIndex(
            model_name='lookback',
            index=models.Index(fields=['laboratory', '-opened_at'], name='look_back_list'),
        ),
        migrations.AddIndex(
            model_name='lookbackmember',
            index=models.Index(fields=['look_back', 'ordering_site'], name='look_back_member_site'),
        ),
        migrations.AddConstraint(
            model_name='lookbackmember',
            constraint=models.UniqueConstraint(fields=('look_back', 'result_id'), name='look_back_member_once'),
        ),
        migrations.AddConstraint(
            model_name='lookbackmember',
            constraint=models.UniqueConstraint(condition=models.Q(('settled__isnull', True)), fields=('result_id',), name='look_back_member_open'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('acknowledged_at__isnull', True)), fields=['ordering_site', 'due_at'], name='report_notice_to_take'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('acknowledged_at__isnull', True)), fields=['laboratory', 'due_at'], name='report_notice_open'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('report',), name='report_notice_once'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('step', 'ordering_site'), name='report_notice_of_step'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('report__isnull', False), ('step__isnull', False), _connector='XOR'), name='report_notice_of_one'),
        ),
        migrations.AddIndex(
            model_name='releasestate',
            index=models.Index(fields=['analyzer', 'test', 'since'], name='release_state_history'),
        ),
        migrations.AddIndex(
            model_name='releasestate',
            index=models.Index(fields=['laboratory', 'reagent_lot'], name='release_state_reagent'),
        ),
        migrations.AddIndex(
            model_name='releasestate',
            index=models.Index(fields=['laboratory', 'calibrator_lot'], name='release_state_calibrator'),
        ),
        migrations.AddConstraint(
            model_name='releasestate',
            constraint=models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('analyzer', 'test'), name='release_state_once'),
        ),
        migrations.AddConstraint(
            model_name='releasestate',
            constraint=models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gt', models.F('since')), _connector='OR'), name='release_state_forward'),
        ),
    ]
