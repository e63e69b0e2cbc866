# Rounds of external assessment: what is sent, what comes back, how it is scored, what is done about a failure.

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0042_counted_towards_control'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProficiencyItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.TextField(blank=True, default='', help_text='UCUM; empty: without, or words')),
                ('is_quantitative', models.BooleanField(default=True)),
                ('grades', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, help_text='the scale of words, the least first', size=None)),
                ('organiser', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('test', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.test')),
            ],
            options={
                'db_table': 'eqa_item',
            },
        ),
        migrations.CreateModel(
            name='MaterialCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.TextField(choices=[('homogeneity', 'homogeneity'), ('stability', 'stability')])),
                ('values', models.JSONField(help_text='as measured: of each sample, or before and after')),
                ('is_passed', models.BooleanField()),
                ('s_between', models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ('verdict', models.JSONField(help_text='the figures of the rule')),
                ('at', models.DateTimeField()),
                ('by', models.TextField()),
                ('organiser', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='aliquot.proficiencyitem')),
            ],
            options={
                'db_table': 'eqa_material_check',
            },
        ),
        migrations.CreateModel(
            name='ProficiencyRound',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.TextField(choices=[('provider', 'of a provider'), ('own', 'of our own')])),
                ('code', models.TextField(help_text='as the provider calls it, or our own number')),
                ('scheme', models.TextField(blank=True, default='', help_text='what the round is a part of, over years')),
                ('provider', models.TextField(blank=True, default='', help_text='empty: our own')),
                ('state', models.TextField(choices=[('open', 'running'), ('closed', 'evaluated'), ('cancelled', 'given up')], default='open')),
                ('submit_by', models.DateTimeField()),
                ('needed_percent', models.DecimalField(decimal_places=2, default=80, max_digits=5)),
                ('opened_at', models.DateTimeField()),
                ('opened_by', models.TextField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.TextField(blank=True, default='')),
                ('note', models.TextField(blank=True, default='', help_text='why it was given up, or what to know of it')),
                ('organiser', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
            ],
            options={
                'db_table': 'eqa_round',
            },
        ),
        migrations.CreateModel(
            name='ProficiencyResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(help_text='as entered or measured')),
                ('value', models.DecimalField(decimal_places=6, help_text="in the item's unit", max_digits=18, null=True)),
                ('u', models.DecimalField(decimal_places=6, help_text='standard uncertainty', max_digits=18, null=True)),
                ('method', models.TextField(blank=True, default='', help_text='the group it is compared within')),
                ('result_id', models.BigIntegerField(help_text="the tube's result that it was taken from", null=True)),
                ('entered_at', models.DateTimeField()),
                ('entered_by', models.TextField()),
                ('provider_z', models.DecimalField(decimal_places=4, max_digits=12, null=True)),
                ('provider_evaluation', models.TextField(blank=True, default='', help_text="as the provider's report says")),
                ('analyzer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.analyzer')),
                ('item', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='results', to='aliquot.proficiencyitem')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('organiser', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('round', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.proficiencyround')),
            ],
            options={
                'db_table': 'eqa_result',
            },
        ),
        migrations.AddField(
            model_name='proficiencyitem',
            name='round',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='aliquot.proficiencyround'),
        ),
        migrations.CreateModel(
            name='Participation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.TextField(help_text="the participant's number in the round")),
                ('submitted_at', models.DateTimeField(null=True)),
                ('submitted_by', models.TextField(blank=True, default='')),
                ('score_percent', models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ('is_satisfactory', models.BooleanField(null=True)),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('organiser', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('round', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='participations', to='aliquot.proficiencyround')),
            ],
            options={
                'db_table': 'eqa_participation',
            },
        ),
        migrations.CreateModel(
            name='ProficiencySample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.TextField()),
                ('material', models.TextField(blank=True, default='', help_text='lyophilised serum, pooled plasma ...')),
                ('organiser', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('round', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='samples', to='aliquot.proficiencyround')),
            ],
            options={
                'db_table': 'eqa_sample',
            },
        ),
        migrations.AddField(
            model_name='proficiencyitem',
            name='sample',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='aliquot.proficiencysample'),
        ),
        migrations.CreateModel(
            name='ProficiencyScore',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('signal', models.TextField(choices=[('acceptable', 'acceptable'), ('warning', 'warning'), ('action', 'action needed'), ('missing', 'not returned'), ('not_scored', 'not scored')])),
                ('judged_by', models.TextField(blank=True, default='', help_text='z, z_prime, limit or words')),
                ('reason', models.TextField(blank=True, default='', help_text='why it was not scored, or not by its method')),
                ('z', models.DecimalField(decimal_places=6, max_digits=30, null=True)),
                ('z_prime', models.DecimalField(decimal_places=6, max_digits=30, null=True)),
                ('zeta', models.DecimalField(decimal_places=6, max_digits=30, null=True)),
                ('en', models.DecimalField(decimal_places=6, max_digits=30, null=True)),
                ('sdi', models.DecimalField(decimal_places=6, max_digits=30, null=True)),
                ('d_percent', models.DecimalField(decimal_places=6, max_digits=30, null=True)),
                ('distance', models.SmallIntegerField(help_text='grades off the expected one', null=True)),
                ('at', models.DateTimeField()),
                ('item', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='aliquot.proficiencyitem')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('organiser', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('result', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.proficiencyresult')),
                ('round', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.proficiencyround')),
                ('test', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.test')),
            ],
            options={
                'db_table': 'eqa_score',
            },
        ),
        migrations.CreateModel(
            name='FailureCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('why', models.TextField(choices=[('action', 'score that demands action'), ('two_warnings', 'second warning in a row'), ('missing', 'result not returned')])),
                ('state', models.TextField(choices=[('open', 'being investigated'), ('closed', 'closed')], default='open')),
                ('opened_at', models.DateTimeField()),
                ('cause', models.TextField(blank=True, choices=[('clerical', 'transcription, unit or mix-up'), ('sample', 'the sample or its treatment'), ('method_group', 'the whole method group deviates'), ('analyzer', 'our analyzer, calibration or reagent'), ('unexplained', 'no cause found')], default='')),
                ('conclusion', models.TextField(blank=True, default='')),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.TextField(blank=True, default='')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('organiser', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('score', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='case', to='aliquot.proficiencyscore')),
            ],
            options={
                'db_table': 'eqa_case',
            },
        ),
        migrations.CreateModel(
            name='ProficiencyTarget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('basis', models.TextField(default='consensus', help_text='where the assigned value comes from')),
                ('assigned', models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ('u_assigned', models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ('sigma', models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ('limit', models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ('limit_percent', models.DecimalField(decimal_places=4, max_digits=9, null=True)),
                ('expected', models.TextField(blank=True, default='', help_text='the expected word')),
                ('allowed_grades', models.SmallIntegerField(default=0)),
                ('is_grouped', models.BooleanField(default=False, help_text='each method is judged by its own results')),
                ('at_least', models.SmallIntegerField(default=12, help_text='results that a consensus needs')),
                ('estimator', models.TextField(default='algorithm_a')),
                ('x_pt', models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ('u_x_pt', models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ('sigma_pt', models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ('allowed', models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ('mean', models.DecimalField(decimal_places=6, help_text='robust, of all results', max_digits=18, null=True)),
                ('s_star', models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ('count', models.IntegerField(null=True)),
                ('reasons', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, help_text='why it could not be judged as asked', size=None)),
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='target', to='aliquot.proficiencyitem')),
                ('organiser', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('round', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.proficiencyround')),
            ],
            options={
                'db_table': 'eqa_target',
            },
        ),
        migrations.CreateModel(
            name='SampleReceipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('condition', models.TextField(choices=[('good', 'in order'), ('warm', 'too warm'), ('frozen', 'came frozen'), ('leaking', 'leaking'), ('insufficient', 'too little'), ('damaged', 'damaged'), ('missing', 'not in the parcel')])),
                ('note', models.TextField(blank=True, default='')),
                ('received_at', models.DateTimeField()),
                ('received_by', models.TextField()),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('organiser', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('sample', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='aliquot.proficiencysample')),
                ('specimen', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.specimen')),
            ],
            options={
                'db_table': 'eqa_receipt',
            },
        ),
        migrations.CreateModel(
            name='FailureStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.TextField(choices=[('clerical', 'clerical: transcription, unit, right sample, right test'), ('sample', 'sample: receipt, storage, reconstitution, matrix'), ('method_group', 'method group: do all with this method deviate?'), ('analyzer', 'analyzer: control, calibration, reagent, maintenance of that day'), ('patient_impact', 'patient impact: were results of patients wrong?')])),
                ('finding', models.TextField(choices=[('excluded', 'looked at: not the cause'), ('cause', 'this is the cause'), ('no_impact', 'no patient was affected'), ('impact', 'patients may have been affected')])),
                ('note', models.TextField()),
                ('at', models.DateTimeField()),
                ('by', models.TextField()),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='aliquot.failurecase')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('organiser', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
            ],
            options={
                'db_table': 'eqa_case_step',
                'constraints': [models.UniqueConstraint(fields=('case', 'step'), name='eqa_case_step_once')],
            },
        ),
        migrations.AddIndex(
            model_name='proficiencyround',
            index=models.Index(fields=['organiser', '-opened_at'], name='eqa_round_list'),
        ),
        migrations.AddConstraint(
            model_name='proficiencyround',
            constraint=models.UniqueConstraint(fields=('organiser', 'code'), name='eqa_round_once'),
        ),
        migrations.AddConstraint(
            model_name='proficiencyround',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'open'), ('closed_at__isnull', False), _connector='OR'), name='eqa_round_closed_when'),
        ),
        migrations.AddIndex(
            model_name='proficiencyresult',
            index=models.Index(fields=['round', 'laboratory'], name='eqa_result_of_round'),
        ),
        migrations.AddConstraint(
            model_name='proficiencyresult',
            constraint=models.UniqueConstraint(fields=('item', 'laboratory'), name='eqa_result_once'),
        ),
        migrations.AddIndex(
            model_name='participation',
            index=models.Index(fields=['laboratory', 'round'], name='eqa_participation_of'),
        ),
        migrations.AddConstraint(
            model_name='participation',
            constraint=models.UniqueConstraint(fields=('round', 'laboratory'), name='eqa_participation_once'),
        ),
        migrations.AddConstraint(
            model_name='participation',
            constraint=models.UniqueConstraint(fields=('round', 'code'), name='eqa_participation_code'),
        ),
        migrations.AddConstraint(
            model_name='proficiencysample',
            constraint=models.UniqueConstraint(fields=('round', 'code'), name='eqa_sample_once'),
        ),
        migrations.AddIndex(
            model_name='proficiencyitem',
            index=models.Index(fields=['round'], name='eqa_item_of_round'),
        ),
        migrations.AddIndex(
            model_name='proficiencyitem',
            index=models.Index(fields=['test', 'round'], name='eqa_item_of_test'),
        ),
        migrations.AddConstraint(
            model_name='proficiencyitem',
            constraint=models.UniqueConstraint(fields=('sample', 'test'), name='eqa_item_once'),
        ),
        migrations.AddIndex(
            model_name='proficiencyscore',
            index=models.Index(fields=['round', 'laboratory'], name='eqa_score_of_round'),
        ),
        migrations.AddIndex(
            model_name='proficiencyscore',
            index=models.Index(fields=['laboratory', 'test', '-at'], name='eqa_score_trend'),
        ),
        migrations.AddConstraint(
            model_name='proficiencyscore',
            constraint=models.UniqueConstraint(fields=('item', 'laboratory'), name='eqa_score_once'),
        ),
        migrations.AddIndex(
            model_name='failurecase',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['laboratory', 'opened_at'], name='eqa_case_open'),
        ),
        migrations.AddIndex(
            model_name='failurecase',
            index=models.Index(fields=['laboratory', '-opened_at'], name='eqa_case_list'),
        ),
        migrations.AddConstraint(
            model_name='failurecase',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'open'), models.Q(('closed_at__isnull', False), models.Q(('cause', ''), _negated=True), models.Q(('conclusion', ''), _negated=True)), _connector='OR'), name='eqa_case_complete'),
        ),
        migrations.AddConstraint(
            model_name='proficiencytarget',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sigma__isnull', True), ('sigma__gt', 0), _connector='OR'), models.Q(('limit__isnull', True), ('limit__gt', 0), _connector='OR'), models.Q(('limit_percent__isnull', True), ('limit_percent__gt', 0), _connector='OR')), name='eqa_target_positive'),
        ),
        migrations.AddConstraint(
            model_name='samplereceipt',
            constraint=models.UniqueConstraint(fields=('sample', 'laboratory'), name='eqa_receipt_once'),
        ),
    ]
