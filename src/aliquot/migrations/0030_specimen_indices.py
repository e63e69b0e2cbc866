# Indices of a specimen stand with the tube, filed from readings that belong to no ordered test.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0029_critical_policy'),
    ]

    operations = [
        migrations.AlterField(
            model_name='adaptation',
            name='kind',
            field=models.TextField(choices=[('unit', 'unit'), ('flag', 'flag'), ('aspect', 'aspect'), ('status', 'status'), ('sender', 'sender'), ('index', 'index of the specimen')]),
        ),
        migrations.AlterField(
            model_name='adaptation',
            name='factor',
            field=models.DecimalField(decimal_places=15, help_text='of a unit or index: it multiplies the value', max_digits=30, null=True),
        ),
        migrations.AddField(
            model_name='reading',
            name='index',
            field=models.TextField(blank=True, db_default='', default='', help_text='H, I or L: of the specimen'),
        ),
        migrations.RemoveConstraint(
            model_name='reading',
            name='reading_filed_once',
        ),
        migrations.AddConstraint(
            model_name='reading',
            constraint=models.UniqueConstraint(condition=models.Q(('is_replayed', False), ('state', 'filed')), fields=('specimen', 'test', 'index', 'analyzer', 'value', 'measured_at'), name='reading_filed_once', nulls_distinct=False),
        ),
        migrations.CreateModel(
            name='SpecimenIndex',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('index', models.TextField(help_text='H, I or L')),
                ('level', models.DecimalField(decimal_places=6, help_text='in the unit of the rules', max_digits=20)),
                ('comparator', models.TextField(blank=True, default='')),
                ('grade', models.TextField(help_text='as the analyzer said it')),
                ('unit', models.TextField(help_text='of the level: g/L of free Hb, umol/L of bilirubin, g/L of Intralipid')),
                ('measured_at', models.DateTimeField()),
                ('is_pending', models.BooleanField(default=False, help_text='what waits for it is still to be decided')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('specimen', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='indices', to='aliquot.specimen')),
                ('analyzer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.analyzer')),
                ('reading', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='filed_index', to='aliquot.reading')),
            ],
            options={
                'db_table': 'specimen_index',
                'indexes': [
                    models.Index(fields=['specimen', 'index', '-measured_at'], name='specimen_index_newest'),
                    models.Index(condition=models.Q(('is_pending', True)), fields=['id'], name='specimen_index_pending'),
                ],
            },
        ),
    ]
