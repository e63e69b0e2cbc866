# Facts of a month that compare analyzers and laboratories: medians of patients, means of lots, split specimens.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0052_figures_by_month'),
    ]

    operations = [
        migrations.CreateModel(
            name='ComparedMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(unique=True)),
                ('counted_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'compared_month',
            },
        ),
        migrations.CreateModel(
            name='LotMean',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='its first day, UTC')),
                ('material', models.TextField()),
                ('lot', models.TextField()),
                ('level', models.SmallIntegerField()),
                ('unit', models.TextField(blank=True, default='')),
                ('n', models.IntegerField()),
                ('mean', models.DecimalField(decimal_places=8, max_digits=20)),
                ('sd', models.DecimalField(decimal_places=8, max_digits=20)),
                ('analyzer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.analyzer')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('test', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.test')),
            ],
            options={
                'db_table': 'lot_mean',
                'constraints': [models.UniqueConstraint(fields=('month', 'test', 'material', 'lot', 'level', 'unit', 'analyzer'), name='lot_mean_once')],
            },
        ),
        migrations.CreateModel(
            name='PatientMedian',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='its first day, UTC')),
                ('n', models.IntegerField()),
                ('median', models.DecimalField(decimal_places=8, max_digits=20)),
                ('low_quartile', models.DecimalField(decimal_places=8, max_digits=20)),
                ('high_quartile', models.DecimalField(decimal_places=8, max_digits=20)),
                ('analyzer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.analyzer')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('test', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.test')),
            ],
            options={
                'db_table': 'patient_median',
                'constraints': [models.UniqueConstraint(fields=('month', 'test', 'analyzer'), name='patient_median_once')],
            },
        ),
        migrations.CreateModel(
            name='SplitPair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='its first day, UTC')),
                ('level', models.TextField(help_text='low, within or high')),
                ('value', models.DecimalField(decimal_places=6, max_digits=18)),
                ('other_value', models.DecimalField(decimal_places=6, max_digits=18)),
                ('measured_at', models.DateTimeField()),
                ('analyzer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.analyzer')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('other', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.analyzer')),
                ('specimen', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.specimen')),
                ('test', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.test')),
            ],
            options={
                'db_table': 'split_pair',
                'indexes': [models.Index(fields=['test', 'month'], name='split_pair_list')],
            },
        ),
    ]
