# Runs in the order of time; since when a word holds; counts that a new run begins anew; what a monitor is to find.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0055_analyzers_assessed"),
    ]

    operations = [
        migrations.AddField(
            model_name="controlcount",
            name="run_id",
            field=models.BigIntegerField(
                help_text="the good run that was the newest when it was counted last; a newer one: from 0",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="releasestate",
            name="said_at",
            field=models.DateTimeField(
                help_text="when a person said how control stands; a word about a reagent leaves it", null=True
            ),
        ),
        migrations.AddField(
            model_name="monitordesign",
            name="error",
            field=models.TextField(
                choices=[
                    ("proportional", "results too high or too low"),
                    ("imprecision", "results that scatter more"),
                ],
                default="proportional",
                help_text="what the monitor has to find",
            ),
        ),
        migrations.AlterField(
            model_name="monitordesign",
            name="tea",
            field=models.FloatField(
                help_text="allowable error as a share of the value; of scatter: the added CV"
            ),
        ),
        migrations.AlterField(
            model_name="controlrun",
            name="number",
            field=models.IntegerField(help_text="of this test on this analyzer, from 1, as they were filed"),
        ),
        migrations.AlterField(
            model_name="controlrun",
            name="began_at",
            field=models.DateTimeField(
                help_text="when its first control was measured; never after it was filed"
            ),
        ),
        migrations.AddIndex(
            model_name="controlrun",
            index=models.Index(
                fields=["analyzer", "test", "-began_at", "-number"], name="control_run_in_time"
            ),
        ),
    ]
