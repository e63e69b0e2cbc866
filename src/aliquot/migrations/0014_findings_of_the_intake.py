from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0013_own_limits"),
    ]

    operations = [
        migrations.AddField(
            model_name="specimentest",
            name="findings",
            field=models.JSONField(
                db_default=models.Value([], models.JSONField()),
                default=list,
                help_text="why the rule decided so: codes with values",
            ),
        ),
        migrations.AlterField(
            model_name="specimentest",
            name="rejection_note",
            field=models.TextField(blank=True, default="", help_text="as a person typed it"),
        ),
    ]
