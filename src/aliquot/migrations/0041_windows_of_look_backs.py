# A look-back keeps its windows, and is found by them: what was measured in them belongs to it, whenever it comes.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0040_internal_and_patient_control'),
    ]

    operations = [
        migrations.AddField(
            model_name='lookback',
            name='spans',
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list, help_text='[[analyzer, test, since, until], ...]: what was measured then belongs to it'),
        ),
        migrations.AddIndex(
            model_name='lookback',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['laboratory'], name='look_back_open'),
        ),
    ]
