# Evaluation studies: plan, data, supply, what was found; after the signature nothing of one changes.

import django.db.models.deletion
from django.db import migrations, models

HELD_BY_THE_DATABASE = """
ALTER TABLE study ADD CONSTRAINT study_digest
      CHECK (digest = '' OR digest = encode(sha256(convert_to(content, 'UTF8')), 'hex'));
ALTER TABLE study_data ADD CONSTRAINT study_data_digest CHECK (digest = encode(sha256(content), 'hex'));
ALTER TABLE study_document ADD CONSTRAINT study_document_digest CHECK (digest = encode(sha256(content), 'hex'));

CREATE FUNCTION study_stands() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF OLD.state IN ('signed', 'abandoned') THEN
        RAISE insufficient_privilege USING MESSAGE = 'a study that is signed or given up does not change';
    END IF;
    IF NEW.state = 'signed' AND (OLD.state <> 'evaluated' OR NEW.signed_by <> aliquot_actor()
                                 OR NEW.signed_by NOT LIKE 'person:%' OR NOT aliquot_may('sign_study')
                                 OR NEW.record IS DISTINCT FROM OLD.record) THEN
        RAISE insufficient_privilege USING MESSAGE = 'an evaluated study is signed, by the person who acts';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER study_stands BEFORE UPDATE ON study FOR EACH ROW EXECUTE FUNCTION study_stands();

CREATE FUNCTION study_begins() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.state <> 'planned' OR NEW.record IS NOT NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'a study begins with its plan';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER study_begins BEFORE INSERT ON study FOR EACH ROW EXECUTE FUNCTION study_begins();

CREATE FUNCTION study_part_stands() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM study s WHERE s.id = NEW.study_id AND s.laboratory_id = NEW.laboratory_id
                                           AND s.state NOT IN ('signed', 'abandoned')) THEN
        RAISE insufficient_privilege USING MESSAGE = 'a study that is signed or given up takes nothing more';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER study_data_stands BEFORE INSERT ON study_data FOR EACH ROW EXECUTE FUNCTION study_part_stands();
CREATE TRIGGER study_supply_stands BEFORE INSERT OR UPDATE ON study_supply FOR EACH ROW EXECUTE FUNCTION study_part_stands();
CREATE TRIGGER study_document_stands BEFORE INSERT ON study_document FOR EACH ROW EXECUTE FUNCTION study_part_stands();
"""
UNDO = """
DROP TRIGGER study_document_stands ON study_document; DROP TRIGGER study_supply_stands ON study_supply;
DROP TRIGGER study_data_stands ON study_data; DROP FUNCTION study_part_stands();
DROP TRIGGER study_begins ON study; DROP FUNCTION study_begins();
DROP TRIGGER study_stands ON study; DROP FUNCTION study_stands();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0050_assessment_stands'),
    ]

    operations = [
        migrations.CreateModel(
            name='EvaluationStudy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField(help_text='of the laboratory, from 1; all versions bear it')),
                ('version', models.IntegerField(default=1)),
                ('kind', models.TextField(help_text='as named in rules/outline')),
                ('title', models.TextField(help_text='what is to be decided by it')),
                ('unit', models.TextField(blank=True, default='')),
                ('method', models.TextField(blank=True, default='', help_text='on trial: reagent, lot, calibration')),
                ('compared_method', models.TextField(blank=True, default='', help_text='in use: reagent, lot, calibration')),
                ('plan', models.JSONField(help_text="{name: value} of the kind's fields, with the acceptance criteria")),
                ('planned_at', models.DateTimeField()),
                ('planned_by', models.TextField()),
                ('state', models.TextField(choices=[('planned', 'planned'), ('queued', 'waits to be evaluated'), ('running', 'being evaluated'), ('unusable', 'data cannot be used'), ('evaluated', 'evaluated'), ('signed', 'signed'), ('abandoned', 'given up')], default='planned')),
                ('beat_at', models.DateTimeField(help_text='when it was given to be evaluated, or begun', null=True)),
                ('fault', models.JSONField(help_text='why the data cannot be used: a sentence with its gaps', null=True)),
                ('evaluated_at', models.DateTimeField(null=True)),
                ('record', models.JSONField(help_text='decision, reasons, figures and pictures', null=True)),
                ('conclusion', models.TextField(blank=True, default='', help_text='what the signer adds, or why it was given up')),
                ('content', models.TextField(blank=True, default='', help_text='all that was signed, as JSON')),
                ('digest', models.TextField(blank=True, default='', help_text='SHA-256 of the content')),
                ('signed_at', models.DateTimeField(null=True)),
                ('signed_by', models.TextField(blank=True, default='')),
                ('signed_name', models.TextField(blank=True, default='')),
                ('meaning', models.TextField(blank=True, default='', help_text='what the signature says')),
                ('analyzer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.analyzer')),
                ('compared', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.analyzer')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('supersedes', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='successor', to='aliquot.evaluationstudy')),
                ('test', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.test')),
            ],
            options={
                'db_table': 'study',
            },
        ),
        migrations.CreateModel(
            name='StudyData',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin', models.TextField(choices=[('file', 'from a file'), ('analyzers', 'from analyzers')])),
                ('name', models.TextField(help_text='of the file')),
                ('content', models.BinaryField(help_text='as it was')),
                ('digest', models.TextField(help_text='SHA-256 of the content')),
                ('rows', models.IntegerField()),
                ('asked', models.JSONField(default=dict, help_text='what was gathered: interval, analyzers, lots, tubes')),
                ('at', models.DateTimeField()),
                ('by', models.TextField()),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='data', to='aliquot.evaluationstudy')),
            ],
            options={
                'db_table': 'study_data',
            },
        ),
        migrations.CreateModel(
            name='StudyDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.TextField()),
                ('content', models.BinaryField()),
                ('digest', models.TextField(help_text='SHA-256 of the content')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('study', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='aliquot.evaluationstudy')),
            ],
            options={
                'db_table': 'study_document',
            },
        ),
        migrations.CreateModel(
            name='SupplyRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.TextField(choices=[('candidate', 'on trial'), ('in_use', 'in use')])),
                ('supplier', models.TextField()),
                ('product', models.TextField()),
                ('lot', models.TextField(blank=True, default='')),
                ('origin', models.TextField(blank=True, default='', help_text='country where it is made')),
                ('registration', models.TextField(blank=True, default='', help_text='number of the registration certificate')),
                ('valid_until', models.DateField(help_text='the registration', null=True)),
                ('price', models.DecimalField(decimal_places=2, help_text='of one test, roubles', max_digits=12, null=True)),
                ('first_delivery', models.DateField(null=True)),
                ('decision', models.TextField(blank=True, default='', help_text='what follows for the supply')),
                ('at', models.DateTimeField()),
                ('by', models.TextField()),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('study', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='supply', to='aliquot.evaluationstudy')),
            ],
            options={
                'db_table': 'study_supply',
            },
        ),
        migrations.AddIndex(
            model_name='evaluationstudy',
            index=models.Index(fields=['laboratory', '-planned_at'], name='study_list'),
        ),
        migrations.AddConstraint(
            model_name='evaluationstudy',
            constraint=models.UniqueConstraint(fields=('laboratory', 'number', 'version'), name='study_once'),
        ),
        migrations.AddConstraint(
            model_name='evaluationstudy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'signed'), ('signed_at__isnull', False), models.Q(('digest', ''), _negated=True), models.Q(('meaning', ''), _negated=True)), models.Q(models.Q(('state', 'signed'), _negated=True), ('signed_at__isnull', True), ('digest', '')), _connector='OR'), name='study_signed'),
        ),
        migrations.AddConstraint(
            model_name='evaluationstudy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['evaluated', 'signed']), _negated=True), ('record__isnull', False), _connector='OR'), name='study_found'),
        ),
        migrations.AddConstraint(
            model_name='evaluationstudy',
            constraint=models.CheckConstraint(condition=models.Q(('supersedes', models.F('id')), _negated=True), name='study_not_itself'),
        ),
        migrations.AddConstraint(
            model_name='studydocument',
            constraint=models.UniqueConstraint(fields=('study', 'language'), name='study_document_once'),
        ),
        migrations.AddConstraint(
            model_name='supplyrecord',
            constraint=models.UniqueConstraint(fields=('study', 'role'), name='study_supply_once'),
        ),
        migrations.AddConstraint(
            model_name='supplyrecord',
            constraint=models.CheckConstraint(condition=models.Q(('price__isnull', True), ('price__gte', 0), _connector='OR'), name='study_supply_price'),
        ),
        migrations.RunSQL(HELD_BY_THE_DATABASE, UNDO),
    ]
