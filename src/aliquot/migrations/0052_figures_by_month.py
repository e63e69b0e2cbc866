# The sums of the days of each month: a page reads them, and a year in one look.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0051_evaluation_studies'),
    ]

    operations = [
        migrations.CreateModel(
            name='IndicatorMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='its first day')),
                ('code', models.TextField()),
                ('numerator', models.IntegerField()),
                ('denominator', models.IntegerField()),
                ('laboratory', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('ordering_site', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
            ],
            options={
                'db_table': 'indicator_month',
                'constraints': [models.UniqueConstraint(fields=('laboratory', 'month', 'code', 'ordering_site'), name='indicator_month_once')],
            },
        ),
        migrations.CreateModel(
            name='LegMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('leg', models.TextField()),
                ('urgency', models.TextField()),
                ('bucket', models.SmallIntegerField()),
                ('tubes', models.IntegerField()),
                ('laboratory', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('ordering_site', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
            ],
            options={
                'db_table': 'leg_month',
                'constraints': [models.UniqueConstraint(fields=('laboratory', 'month', 'leg', 'ordering_site', 'urgency', 'bucket'), name='leg_month_once')],
            },
        ),
    ]
