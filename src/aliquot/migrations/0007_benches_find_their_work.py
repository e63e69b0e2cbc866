from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("aliquot", "0006_box_handed_over")]

    operations = [
        migrations.AddIndex(
            model_name="specimentest",
            index=models.Index(
                condition=models.Q(("state", "accepted")),
                fields=["laboratory", "id"],
                name="specimen_test_to_measure",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("decided_at__isnull", False)),
                fields=["laboratory", "-decided_at"],
                name="message_decided",
            ),
        ),
        migrations.AddIndex(
            model_name="reading",
            index=models.Index(
                condition=models.Q(("decided_at__isnull", False)),
                fields=["laboratory", "-decided_at"],
                name="reading_decided",
            ),
        ),
    ]
