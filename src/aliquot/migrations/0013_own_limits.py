import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0012_numbers_by_a_function"),
    ]

    operations = [
        migrations.AddField(
            model_name="test",
            name="own_limits",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(),
                db_default=[],
                default=list,
                help_text="set by a person: loading keeps them",
                size=None,
            ),
        ),
    ]
