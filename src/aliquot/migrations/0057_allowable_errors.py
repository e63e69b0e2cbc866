# What is allowed of a test from a day on, with its source.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0056_management_reviews'),
    ]

    operations = [
        migrations.CreateModel(
            name='AllowableError',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateField(help_text='it holds from this day on, till a later row')),
                ('kind', models.TextField(choices=[('outcome', 'clinical outcome'), ('variation_optimum', 'biological variation, optimum'), ('variation_desirable', 'biological variation, desirable'), ('variation_minimum', 'biological variation, minimum'), ('state_of_the_art', 'state of the art'), ('regulation', 'regulation or assessment scheme'), ('own', "the laboratory's own decision")])),
                ('within_cv', models.DecimalField(decimal_places=3, help_text='%, where the limits follow from variation', max_digits=7, null=True)),
                ('between_cv', models.DecimalField(decimal_places=3, max_digits=7, null=True)),
                ('total_percent', models.DecimalField(decimal_places=3, max_digits=7, null=True)),
                ('total', models.DecimalField(decimal_places=6, help_text="in the test's unit; the greater of both holds", max_digits=14, null=True)),
                ('bias_percent', models.DecimalField(decimal_places=3, max_digits=7, null=True)),
                ('cv_percent', models.DecimalField(decimal_places=3, max_digits=7, null=True)),
                ('is_approximate', models.BooleanField(default=False)),
                ('source', models.TextField()),
                ('is_shipped', models.BooleanField(default=False, help_text="of the catalogue's own table; what a laboratory states holds before it")),
                ('stated_by', models.TextField()),
                ('stated_at', models.DateTimeField()),
                ('test', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.test')),
            ],
            options={
                'db_table': 'allowable_error',
                'constraints': [models.UniqueConstraint(fields=('test', 'since', 'is_shipped'), name='allowable_error_once'), models.CheckConstraint(condition=models.Q(('total_percent__gt', 0), ('total__gt', 0), ('bias_percent__gt', 0), ('cv_percent__gt', 0), _connector='OR'), name='allowable_error_states_something')],
            },
        ),
    ]
