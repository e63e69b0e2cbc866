# A decision looks only at states that had not ended when a result was measured, however many there were.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0037_called_again"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="releasestate",
            index=models.Index(fields=["analyzer", "test", "until"], name="release_state_ends"),
        ),
    ]
