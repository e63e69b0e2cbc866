# Control material that belongs to no lot is found by index, however many readings there are.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0046_designed_monitors"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="reading",
            index=models.Index(
                condition=models.Q(("index", ""), ("state", "control")),
                fields=["laboratory", "-id"],
                name="reading_of_control",
            ),
        ),
    ]
