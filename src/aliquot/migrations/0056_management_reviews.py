# Management reviews: what is signed stands, its actions are followed up; a reported audit stands too.

import django.db.models.deletion
from django.db import migrations, models

HELD_BY_THE_DATABASE = """
ALTER TABLE management_review ADD CONSTRAINT management_review_digest
      CHECK (digest = '' OR digest = encode(sha256(convert_to(content, 'UTF8')), 'hex'));
ALTER TABLE management_review_document ADD CONSTRAINT management_review_document_digest
      CHECK (digest = encode(sha256(content), 'hex'));

CREATE FUNCTION review_stands() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'open' THEN
            RAISE insufficient_privilege USING MESSAGE = 'a review begins before it is signed';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'signed' THEN
        RAISE insufficient_privilege USING MESSAGE = 'a review that is signed does not change';
    END IF;
    IF NEW.state = 'signed' AND (NEW.signed_by <> aliquot_actor() OR NEW.signed_by NOT LIKE 'person:%' OR NOT aliquot_may('sign_review')) THEN
        RAISE insufficient_privilege USING MESSAGE = 'a review is signed by the person who acts';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER management_review_stands BEFORE INSERT OR UPDATE ON management_review
    FOR EACH ROW EXECUTE FUNCTION review_stands();

CREATE FUNCTION review_part_stands() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    part record;
BEGIN
    IF TG_OP = 'DELETE' THEN part := OLD; ELSE part := NEW; END IF;
    IF NOT aliquot_may('manage_quality')
       OR NOT EXISTS (SELECT 1 FROM management_review r WHERE r.id = part.review_id AND r.laboratory_id = part.laboratory_id AND r.state = 'open') THEN
        RAISE insufficient_privilege USING MESSAGE = 'a review that is signed takes nothing more, and nothing is taken out of it';
    END IF;
    RETURN part;
END $$;
CREATE TRIGGER management_review_entry_stands BEFORE INSERT OR DELETE ON management_review_entry
    FOR EACH ROW EXECUTE FUNCTION review_part_stands();
CREATE TRIGGER management_review_document_stands BEFORE INSERT ON management_review_document
    FOR EACH ROW EXECUTE FUNCTION review_part_stands();
CREATE TRIGGER management_review_entry_kept BEFORE UPDATE ON management_review_entry
    FOR EACH ROW WHEN (OLD.done_at IS NOT NULL) EXECUTE FUNCTION refuse_settled();

CREATE TRIGGER internal_audit_kept BEFORE UPDATE ON internal_audit
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION refuse_settled();
CREATE FUNCTION audit_item_stands() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM internal_audit a WHERE a.id = NEW.audit_id AND a.state = 'under_way') THEN
        RAISE EXCEPTION 'a question is answered while its audit is under way' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER internal_audit_item_under_way BEFORE UPDATE ON internal_audit_item
    FOR EACH ROW EXECUTE FUNCTION audit_item_stands();
"""
UNDO = """
DROP TRIGGER internal_audit_item_under_way ON internal_audit_item; DROP FUNCTION audit_item_stands();
DROP TRIGGER internal_audit_kept ON internal_audit;
DROP TRIGGER management_review_entry_kept ON management_review_entry;
DROP TRIGGER management_review_document_stands ON management_review_document;
DROP TRIGGER management_review_entry_stands ON management_review_entry; DROP FUNCTION review_part_stands();
DROP TRIGGER management_review_stands ON management_review; DROP FUNCTION review_stands();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0066_messages'),
    ]

    operations = [
        migrations.AddField(
            model_name='indicatorprogress',
            name='control_id',
            field=models.BigIntegerField(default=0),
        ),
        migrations.CreateModel(
            name='ManagementReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField(help_text='of the laboratory, from 1')),
                ('since', models.DateField(help_text='the first day of the first month')),
                ('until', models.DateField(help_text='the first day after the last month')),
                ('held_on', models.DateField()),
                ('participants', models.TextField(help_text='who took part, with their functions')),
                ('state', models.TextField(choices=[('open', 'being prepared'), ('signed', 'signed')], default='open')),
                ('opened_at', models.DateTimeField()),
                ('opened_by', models.TextField()),
                ('conclusion', models.TextField(blank=True, default='')),
                ('content', models.TextField(blank=True, default='', help_text='all that was signed, as JSON')),
                ('digest', models.TextField(blank=True, default='', help_text='SHA-256 of the content')),
                ('signed_at', models.DateTimeField(null=True)),
                ('signed_by', models.TextField(blank=True, default='')),
                ('signed_name', models.TextField(blank=True, default='')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
            ],
            options={
                'db_table': 'management_review',
            },
        ),
        migrations.CreateModel(
            name='ReviewDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.TextField()),
                ('content', models.BinaryField()),
                ('digest', models.TextField(help_text='SHA-256 of the content')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('review', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='aliquot.managementreview')),
            ],
            options={
                'db_table': 'management_review_document',
            },
        ),
        migrations.CreateModel(
            name='ReviewEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('letter', models.TextField(help_text='the input of 8.9.2 that it is about')),
                ('kind', models.TextField(choices=[('remark', 'remark'), ('decision', 'decision'), ('action', 'action')])),
                ('what', models.TextField()),
                ('owner', models.TextField(blank=True, default='', help_text="the person's key, of an action")),
                ('due_on', models.DateField(null=True)),
                ('at', models.DateTimeField()),
                ('by', models.TextField()),
                ('done_at', models.DateTimeField(null=True)),
                ('done_by', models.TextField(blank=True, default='')),
                ('done_note', models.TextField(blank=True, default='')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='aliquot.managementreview')),
            ],
            options={
                'db_table': 'management_review_entry',
            },
        ),
        migrations.AddConstraint(
            model_name='managementreview',
            constraint=models.UniqueConstraint(fields=('laboratory', 'number'), name='management_review_once'),
        ),
        migrations.AddConstraint(
            model_name='managementreview',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('laboratory',), name='management_review_one_open'),
        ),
        migrations.AddConstraint(
            model_name='managementreview',
            constraint=models.CheckConstraint(condition=models.Q(('until__gt', models.F('since'))), name='management_review_forward'),
        ),
        migrations.AddConstraint(
            model_name='managementreview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'signed'), ('signed_at__isnull', False), models.Q(('digest', ''), _negated=True), models.Q(('conclusion', ''), _negated=True)), models.Q(('state', 'open'), ('signed_at__isnull', True), ('digest', '')), _connector='OR'), name='management_review_signed'),
        ),
        migrations.AddConstraint(
            model_name='reviewdocument',
            constraint=models.UniqueConstraint(fields=('review', 'language'), name='management_review_document_once'),
        ),
        migrations.AddIndex(
            model_name='reviewentry',
            index=models.Index(condition=models.Q(('done_at__isnull', True), ('kind', 'action')), fields=['laboratory', 'due_on'], name='management_review_entry_open'),
        ),
        migrations.AddConstraint(
            model_name='reviewentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'action'), models.Q(('owner', ''), _negated=True), ('due_on__isnull', False)), models.Q(models.Q(('kind', 'action'), _negated=True), ('owner', ''), ('due_on__isnull', True), ('done_at__isnull', True)), _connector='OR'), name='management_review_entry_owned'),
        ),
        migrations.AddConstraint(
            model_name='reviewentry',
            constraint=models.CheckConstraint(condition=models.Q(('done_at__isnull', True), models.Q(models.Q(('done_by', ''), _negated=True), models.Q(('done_note', ''), _negated=True)), _connector='OR'), name='management_review_entry_done_with_words'),
        ),
        migrations.RunSQL(HELD_BY_THE_DATABASE, UNDO),
    ]
