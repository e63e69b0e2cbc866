import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0014_findings_of_the_intake"),
    ]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="search_name",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Replace(
                    django.db.models.functions.text.Lower("family_name"),
                    models.Value("ё"),
                    models.Value("е"),
                ),
                help_text="what a search compares",
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(
                condition=models.Q(("merged_into", None)),
                fields=["search_name", "given_name", "birth_date", "id"],
                name="patient_search",
            ),
        ),
    ]
