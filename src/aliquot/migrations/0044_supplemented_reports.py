# A complete report to which results were only added is supplemented; approved rules keep the catalogue's units; lists of
# settled notices and of charges do not grow with the history.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0043_external_assessment'),
    ]

    operations = [
        migrations.AlterField(
            model_name='report',
            name='kind',
            field=models.TextField(choices=[('preliminary', 'preliminary'), ('final', 'final'), ('corrected', 'corrected'), ('supplemented', 'supplemented')]),
        ),
        migrations.AddField(
            model_name='rulesetversion',
            name='units',
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict, help_text='{test: unit} of the catalogue when it was approved'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('acknowledged_at__isnull', False)), fields=['laboratory', '-acknowledged_at', '-id'], name='report_notice_settled'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['laboratory', '-placed_at'], name='lab_order_laboratory'),
        ),
    ]
