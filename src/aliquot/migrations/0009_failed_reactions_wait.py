from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0008_copies_are_not_checked_twice"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="attempts",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="event",
            name="fault",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="event",
            name="not_before",
            field=models.DateTimeField(null=True),
        ),
    ]
