# Work between regions: agreements with other laboratories, tubes that went there or came.

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0064_handed_over'),
    ]

    operations = [
        migrations.AlterField(
            model_name='specimentest',
            name='state',
            field=models.TextField(choices=[('pending', 'pending'), ('held', 'waits for a person'), ('accepted', 'accepted'), ('measured', 'measured'), ('referred', 'sent to another region'), ('rejected', 'rejected'), ('cancelled', 'cancelled')], default='pending'),
        ),
        migrations.CreateModel(
            name='Partner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('peer', models.TextField(help_text='code of the node')),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(help_text='of surge help: when it ends', null=True)),
                ('agreed_by', models.TextField()),
                ('laboratory', models.ForeignKey(help_text='ours', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('site', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
            ],
            options={
                'db_table': 'referral_partner',
            },
        ),
        migrations.CreateModel(
            name='Referral',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(help_text='the same at both ends')),
                ('direction', models.TextField(choices=[('out', 'sent there'), ('in', 'came from there')])),
                ('tests', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), help_text='codes of the shared catalogue', size=None)),
                ('state', models.TextField(choices=[('asked', 'asked'), ('taken', 'taken there'), ('refused', 'refused there'), ('reported', 'results came')], default='asked')),
                ('version', models.IntegerField(default=0, help_text='the last version of results that was sent or filed')),
                ('asked_at', models.DateTimeField()),
                ('asked_by', models.TextField()),
                ('said', models.JSONField(help_text='why it was refused there', null=True)),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='aliquot.order')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='aliquot.partner')),
                ('specimen', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='aliquot.specimen')),
            ],
            options={
                'db_table': 'referral',
            },
        ),
        migrations.AddConstraint(
            model_name='partner',
            constraint=models.UniqueConstraint(fields=('peer', 'laboratory'), name='referral_partner_once'),
        ),
        migrations.AddConstraint(
            model_name='partner',
            constraint=models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gt', models.F('since')), _connector='OR'), name='referral_partner_forward'),
        ),
        migrations.AddIndex(
            model_name='referral',
            index=models.Index(fields=['laboratory', '-asked_at'], name='referral_lately'),
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=models.UniqueConstraint(fields=('uid', 'direction'), name='referral_once'),
        ),
    ]
