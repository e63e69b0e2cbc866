# A report's content is kept as it was written: neither parsed nor ordered anew, and digested without being written again.

from django.db import migrations

import aliquot.flow.reports.models


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0044_supplemented_reports"),
    ]

    operations = [
        migrations.AlterField(
            model_name="report",
            name="content",
            field=aliquot.flow.reports.models.FrozenJSONField(),
        ),
    ]
