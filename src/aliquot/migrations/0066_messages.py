# Messages between nodes: lines, what is sent, what came.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0054_control_by_time'),
    ]

    operations = [
        migrations.CreateModel(
            name='NodeLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('peer', models.TextField(help_text="the other node's code", unique=True)),
                ('address', models.TextField(blank=True, default='', help_text='where it takes messages; empty: not said yet')),
                ('stream', models.UUIDField(help_text='the run of numbers that is being sent')),
                ('last_sequence', models.BigIntegerField(default=0, help_text='the last number given in this stream')),
                ('attempts', models.IntegerField(default=0, help_text='tries in a row that failed')),
                ('fault', models.TextField(blank=True, default='', help_text='code of what was wrong at the last try')),
                ('fault_detail', models.TextField(blank=True, default='', help_text='in the words of the machine')),
                ('tried_at', models.DateTimeField(null=True)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('not_before', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'node_line',
            },
        ),
        migrations.CreateModel(
            name='MessageOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(unique=True)),
                ('kind', models.TextField()),
                ('body', models.JSONField()),
                ('cause', models.TextField(blank=True, default='', help_text='which row of ours asked for it')),
                ('queued_at', models.DateTimeField()),
                ('queued_by', models.TextField()),
                ('state', models.TextField(choices=[('queued', 'waits'), ('signed', 'on its way'), ('kept', 'arrived')], default='queued')),
                ('stream', models.UUIDField(null=True)),
                ('sequence', models.BigIntegerField(null=True)),
                ('content', models.BinaryField(help_text='the bytes that are signed', null=True)),
                ('key', models.TextField(blank=True, default='', help_text='the public half that signed')),
                ('signature', models.TextField(blank=True, default='')),
                ('kept_at', models.DateTimeField(help_text='when its receipt came', null=True)),
                ('receipt', models.BinaryField(null=True)),
                ('receipt_key', models.TextField(blank=True, default='')),
                ('receipt_signature', models.TextField(blank=True, default='')),
                ('outcome', models.TextField(blank=True, choices=[('applied', 'carried out there'), ('refused', 'refused there')], default='')),
                ('answer', models.JSONField(help_text='what the other node says became of it', null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='aliquot.nodeline')),
            ],
            options={
                'db_table': 'node_message_out',
                'indexes': [models.Index(condition=models.Q(('state', 'queued')), fields=['line', 'id'], name='node_message_out_queued'), models.Index(condition=models.Q(('state', 'signed')), fields=['line', 'sequence'], name='node_message_out_on_way'), models.Index(fields=['line', '-queued_at'], name='node_message_out_lately'), models.Index(condition=models.Q(('cause', ''), _negated=True), fields=['cause'], name='node_message_out_cause')],
                'constraints': [models.UniqueConstraint(fields=('line', 'stream', 'sequence'), name='node_message_out_number'), models.CheckConstraint(condition=models.Q(('state', 'queued'), models.Q(('content__isnull', False), ('sequence__isnull', False), ('stream__isnull', False)), _connector='OR'), name='node_message_out_signed')],
            },
        ),
        migrations.CreateModel(
            name='MessageIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField()),
                ('stream', models.UUIDField()),
                ('sequence', models.BigIntegerField()),
                ('kind', models.TextField()),
                ('content', models.BinaryField()),
                ('digest', models.TextField(help_text='SHA-256 of the bytes')),
                ('key', models.TextField()),
                ('signature', models.TextField()),
                ('received_at', models.DateTimeField()),
                ('receipt', models.BinaryField()),
                ('receipt_key', models.TextField()),
                ('receipt_signature', models.TextField()),
                ('state', models.TextField(choices=[('kept', 'to be carried out'), ('applied', 'carried out'), ('refused', 'refused')], default='kept')),
                ('settled_at', models.DateTimeField(null=True)),
                ('outcome', models.JSONField(help_text='what was done, or why not', null=True)),
                ('line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='arrivals', to='aliquot.nodeline')),
            ],
            options={
                'db_table': 'node_message_in',
                'indexes': [models.Index(condition=models.Q(('state', 'kept')), fields=['line', 'id'], name='node_message_in_to_apply'), models.Index(fields=['line', '-received_at'], name='node_message_in_lately')],
                'constraints': [models.UniqueConstraint(fields=('line', 'uid', 'stream'), name='node_message_in_once'), models.UniqueConstraint(fields=('line', 'stream', 'sequence'), name='node_message_in_number')],
            },
        ),
    ]
