# Which tests are computed, by which formula, from which tests.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0021_requests_that_failed'),
    ]

    operations = [
        migrations.CreateModel(
            name='DerivedTest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('calculator', models.TextField(help_text='name of a formula of rules/calculators')),
                ('inputs', models.JSONField(help_text="the formula's name of each input: the code of its test")),
                ('source', models.TextField()),
                ('test', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='derived', to='aliquot.test')),
            ],
            options={
                'db_table': 'derived_test',
            },
        ),
    ]
