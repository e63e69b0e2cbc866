# People add tests, inputs of computed tests are added, reasons are said in every language, tests have grades.

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0033_decisions_and_claims'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='addon',
            name='add_on_once',
        ),
        migrations.AddField(
            model_name='addon',
            name='asked_by',
            field=models.TextField(blank=True, db_default='', default='', help_text='the person who added it; empty: a rule'),
        ),
        migrations.AddField(
            model_name='addon',
            name='reason',
            field=models.TextField(blank=True, db_default='', default='', help_text='why a person added it: who asked for it'),
        ),
        migrations.AddField(
            model_name='orderitem',
            name='state_facts',
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict, help_text="the reason as code and values, to be said in the reader's language"),
        ),
        migrations.AddField(
            model_name='test',
            name='grades',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), db_default=[], default=list, help_text="an ordinal test's own scale, the least first: the names of each grade divided by |", size=None),
        ),
        migrations.AlterField(
            model_name='addon',
            name='result_id',
            field=models.BigIntegerField(help_text='the value that brought it; its id says in which month to look', null=True),
        ),
        migrations.AlterField(
            model_name='addon',
            name='rule',
            field=models.TextField(blank=True, db_default='', default='', help_text="the rule's code; empty: a person"),
        ),
        migrations.AlterField(
            model_name='orderitem',
            name='added_by',
            field=models.TextField(blank=True, db_default='', default='', help_text="what added it: a rule's code, a person's key, or needed:CODE of a computed test"),
        ),
        migrations.AddIndex(
            model_name='addon',
            index=models.Index(fields=['laboratory', '-asked_at'], name='add_on_lately'),
        ),
        migrations.AddIndex(
            model_name='addon',
            index=models.Index(fields=['ordering_site', '-asked_at'], name='add_on_ordered'),
        ),
        migrations.AddConstraint(
            model_name='addon',
            constraint=models.UniqueConstraint(condition=models.Q(('rule', ''), _negated=True), fields=('order', 'rule'), name='add_on_once'),
        ),
        migrations.AddConstraint(
            model_name='addon',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('asked_by', ''), models.Q(('rule', ''), _negated=True)), models.Q(('rule', ''), models.Q(('asked_by', ''), _negated=True)), _connector='OR'), name='add_on_origin'),
        ),
    ]
