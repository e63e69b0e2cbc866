# The nodes that this one knows, itself among them, and the public halves of their keys.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0053_comparability'),
    ]

    operations = [
        migrations.CreateModel(
            name='Node',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_en', models.TextField()),
                ('name_ru', models.TextField()),
                ('code', models.TextField(help_text='tula: small letters, it also names a schema', unique=True)),
                ('kind', models.TextField(choices=[('region', 'region'), ('federation', 'federation')])),
                ('is_self', models.BooleanField(default=False, help_text='this installation')),
                ('known_at', models.DateTimeField(help_text='since when this node knows it')),
                ('left_at', models.DateTimeField(help_text='when it left the federation', null=True)),
            ],
            options={
                'db_table': 'node',
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('is_self', True)), fields=('is_self',), name='node_one_self'),
                    models.CheckConstraint(condition=models.Q(('code__regex', '^[a-z][a-z0-9_]{1,30}$')), name='node_code'),
                ],
            },
        ),
        migrations.CreateModel(
            name='NodeKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('node', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='aliquot.node')),
                ('purpose', models.TextField(choices=[('signing', 'signs what the node says (Ed25519)'), ('sealing', 'receives what is sealed to the node (age)')])),
                ('public', models.TextField(help_text='signing: 32 bytes in base64; sealing: age1...')),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(help_text='replaced or withdrawn then', null=True)),
            ],
            options={
                'db_table': 'node_key',
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('node', 'purpose'), name='node_key_one'),
                    models.UniqueConstraint(fields=('purpose', 'public'), name='node_key_once'),
                    models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gt', models.F('since')), _connector='OR'), name='node_key_forward'),
                ],
            },
        ),
    ]
