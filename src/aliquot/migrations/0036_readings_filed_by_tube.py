# What is filed of a tube is found by index, also what was read again later.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0035_results_of_an_order"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="reading",
            index=models.Index(
                condition=models.Q(("is_replayed", True), ("state", "filed")),
                fields=["specimen"],
                name="reading_replayed",
            ),
        ),
    ]
