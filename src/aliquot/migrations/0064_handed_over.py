# That the region was written into a package is recorded: when, by whom, for whom.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0063_operator_changes'),
    ]

    operations = [
        migrations.CreateModel(
            name='HandoverPackage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('series', models.TextField(help_text='the full package and its increments share it')),
                ('number', models.IntegerField(help_text='0 for the full package, then its increments')),
                ('receivers', models.JSONField(help_text='public keys of those who can open it')),
                ('signer', models.TextField(help_text='public key of the one who signs it')),
                ('begun_at', models.DateTimeField()),
                ('begun_by', models.TextField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('digest', models.TextField(blank=True, default='', help_text='SHA-256 of the manifest')),
                ('rows', models.BigIntegerField(default=0)),
            ],
            options={
                'db_table': 'handover_package',
                'indexes': [models.Index(fields=['series', 'number'], name='handover_package_series')],
            },
        ),
    ]
