# Versions of rule sets, their validations, and what is suspended.

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.lookups
from django.db import migrations, models

# The steps of a version; flow/verification/actions take no others.
STEPS = (
    "draft>submitted draft>retired submitted>draft submitted>approved approved>active approved>retired active>retired"
)
HELD_BY_THE_DATABASE = f"""
ALTER TABLE rule_set ADD CONSTRAINT rule_set_digest
      CHECK (digest = encode(sha256(convert_to(text, 'UTF8')), 'hex'));
-- one version at a time: the network is laboratory 0
ALTER TABLE rule_set ADD CONSTRAINT rule_set_one_at_a_time EXCLUDE USING gist (
      int8range(coalesce(laboratory_id, 0), coalesce(laboratory_id, 0), '[]') WITH &&,
      tstzrange(active_from, active_until) WITH &&) WHERE (active_from IS NOT NULL);
CREATE TRIGGER rule_set_steps BEFORE UPDATE OF state ON rule_set FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND OLD.state || '>' || NEW.state <> ALL ('{{{",".join(STEPS.split())}}}'::text[]))
    EXECUTE FUNCTION refuse_step();
CREATE FUNCTION refuse_rule_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' OR NEW.approved_by <> '' OR NEW.active_from IS NOT NULL THEN
            RAISE EXCEPTION 'a rule set begins as a draft' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.laboratory_id, NEW.version, NEW.drafted_by, NEW.drafted_at)
       IS DISTINCT FROM (OLD.laboratory_id, OLD.version, OLD.drafted_by, OLD.drafted_at)
       OR NOT NEW.written_by @> OLD.written_by THEN
        RAISE EXCEPTION 'whose and which version a rule set is does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.text <> OLD.text AND (OLD.state <> 'draft' OR NEW.state <> 'draft'
                                 OR NOT NEW.written_by @> ARRAY[aliquot_actor()]) THEN
        RAISE EXCEPTION 'only a draft is written, and its writer is named' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.approved_by <> OLD.approved_by AND NOT (
        OLD.state = 'submitted' AND NEW.state = 'approved' AND NEW.approved_by = aliquot_actor()
        AND NEW.approved_by LIKE 'person:%'
        AND EXISTS (SELECT FROM rule_set_validation v
                     WHERE v.rule_set_id = NEW.id AND v.digest = NEW.digest AND v.signed_at IS NOT NULL)) THEN
        RAISE EXCEPTION 'a rule set is approved by a person, with a signed validation of its text'
              USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rule_set_kept BEFORE INSERT OR UPDATE ON rule_set FOR EACH ROW EXECUTE FUNCTION refuse_rule_set();
CREATE FUNCTION refuse_validation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.signed_at IS NOT NULL OR (OLD.state = 'finished' AND (NEW.state, NEW.report, NEW.report_digest)
       IS DISTINCT FROM (OLD.state, OLD.report, OLD.report_digest)) THEN
        RAISE EXCEPTION 'a finished validation does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.signed_by <> OLD.signed_by AND (NEW.signed_by <> aliquot_actor() OR NEW.signed_by NOT LIKE 'person:%') THEN
        RAISE EXCEPTION 'a validation is signed by the person who acts' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rule_set_validation_kept BEFORE UPDATE ON rule_set_validation
    FOR EACH ROW EXECUTE FUNCTION refuse_validation();
CREATE FUNCTION refuse_suspension() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a suspension that was ended stays ended' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER suspension_kept BEFORE UPDATE ON suspension
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION refuse_suspension();
"""
UNDO = """
DROP TRIGGER suspension_kept ON suspension; DROP FUNCTION refuse_suspension();
DROP TRIGGER rule_set_validation_kept ON rule_set_validation; DROP FUNCTION refuse_validation();
DROP TRIGGER rule_set_kept ON rule_set; DROP TRIGGER rule_set_steps ON rule_set; DROP FUNCTION refuse_rule_set();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0025_archived_months'),
    ]

    operations = [
        migrations.CreateModel(
            name='RuleSetVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.IntegerField(help_text='counts within the network or the laboratory')),
                ('text', models.TextField()),
                ('digest', models.TextField(help_text='SHA-256 of the text')),
                ('state', models.TextField(choices=[('draft', 'draft'), ('submitted', 'waits for approval'), ('approved', 'approved'), ('active', 'active'), ('retired', 'retired')], default='draft')),
                ('note', models.TextField(blank=True, default='', help_text='why it was drafted')),
                ('drafted_at', models.DateTimeField()),
                ('drafted_by', models.TextField()),
                ('edited_at', models.DateTimeField()),
                ('edited_by', models.TextField()),
                ('written_by', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), help_text='everybody whose hand was in the text', size=None)),
                ('submitted_at', models.DateTimeField(null=True)),
                ('submitted_by', models.TextField(blank=True, default='')),
                ('review_note', models.TextField(blank=True, default='', help_text='why it was approved or sent back')),
                ('approved_at', models.DateTimeField(null=True)),
                ('approved_by', models.TextField(blank=True, default='')),
                ('activated_by', models.TextField(blank=True, default='')),
                ('active_from', models.DateTimeField(null=True)),
                ('active_until', models.DateTimeField(null=True)),
                ('retired_at', models.DateTimeField(null=True)),
                ('retired_by', models.TextField(blank=True, default='')),
                ('drawn_from', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.rulesetversion')),
                ('laboratory', models.ForeignKey(help_text="none: the network's", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
            ],
            options={
                'db_table': 'rule_set',
            },
        ),
        migrations.CreateModel(
            name='RuleSetValidation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.TextField(help_text='of the text that was tried')),
                ('inherited_digest', models.TextField(blank=True, default='', help_text="of the network's set beneath it")),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('state', models.TextField(choices=[('queued', 'waits to begin'), ('running', 'running'), ('finished', 'finished'), ('failed', 'failed')], default='queued')),
                ('asked_at', models.DateTimeField()),
                ('asked_by', models.TextField()),
                ('beat_at', models.DateTimeField(help_text='when the run last said how far it is', null=True)),
                ('decided', models.BigIntegerField(default=0)),
                ('total', models.BigIntegerField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('fault', models.TextField(blank=True, default='')),
                ('report', models.JSONField(null=True)),
                ('report_digest', models.TextField(blank=True, default='', help_text='SHA-256 of the report and its digests')),
                ('signed_at', models.DateTimeField(null=True)),
                ('signed_by', models.TextField(blank=True, default='')),
                ('signed_name', models.TextField(blank=True, default='')),
                ('meaning', models.TextField(blank=True, default='', help_text='what the signature says')),
                ('laboratory', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('rule_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='validations', to='aliquot.rulesetversion')),
            ],
            options={
                'db_table': 'rule_set_validation',
            },
        ),
        migrations.CreateModel(
            name='Suspension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.TextField(choices=[('test', 'test'), ('analyzer', 'analyzer'), ('laboratory', 'laboratory'), ('network', 'network')])),
                ('reason', models.TextField()),
                ('since', models.DateTimeField()),
                ('by', models.TextField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.TextField(blank=True, default='')),
                ('end_reason', models.TextField(blank=True, default='')),
                ('analyzer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.analyzer')),
                ('laboratory', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('test', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.test')),
            ],
            options={
                'db_table': 'suspension',
            },
        ),
        migrations.AddConstraint(
            model_name='rulesetversion',
            constraint=models.UniqueConstraint(fields=('laboratory', 'version'), name='rule_set_version', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='rulesetversion',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by', ''), models.Q(models.Q(('approved_by', models.F('submitted_by')), _negated=True), django.db.models.lookups.IsNull(models.Func(models.F('written_by'), models.F('approved_by'), function='array_position', output_field=models.IntegerField()), True)), _connector='OR'), name='rule_set_two_people'),
        ),
        migrations.AddConstraint(
            model_name='rulesetversion',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted']), ('state', 'retired'), models.Q(models.Q(('approved_by', ''), _negated=True), ('approved_at__isnull', False)), _connector='OR'), name='rule_set_approved'),
        ),
        migrations.AddConstraint(
            model_name='rulesetversion',
            constraint=models.CheckConstraint(condition=models.Q(('active_from__isnull', True), models.Q(models.Q(('approved_by', ''), _negated=True), models.Q(('activated_by', ''), _negated=True)), _connector='OR'), name='rule_set_active_only_approved'),
        ),
        migrations.AddConstraint(
            model_name='rulesetvalidation',
            constraint=models.CheckConstraint(condition=models.Q(('signed_at__isnull', True), models.Q(('state', 'finished'), models.Q(('signed_by', ''), _negated=True), models.Q(('meaning', ''), _negated=True), models.Q(('report_digest', ''), _negated=True)), _connector='OR'), name='rule_set_validation_signed'),
        ),
        migrations.AddConstraint(
            model_name='suspension',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('scope', 'laboratory', 'test', 'analyzer'), name='suspension_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='suspension',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('analyzer__isnull', True), ('laboratory__isnull', False), ('scope', 'test'), ('test__isnull', False)), models.Q(('analyzer__isnull', False), ('laboratory__isnull', False), ('scope', 'analyzer'), ('test__isnull', True)), models.Q(('analyzer__isnull', True), ('laboratory__isnull', False), ('scope', 'laboratory'), ('test__isnull', True)), models.Q(('analyzer__isnull', True), ('laboratory__isnull', True), ('scope', 'network'), ('test__isnull', True)), _connector='OR'), name='suspension_of_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='suspension',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('ended_at__isnull', True), models.Q(models.Q(('ended_by', ''), _negated=True), models.Q(('end_reason', ''), _negated=True)), _connector='OR')), name='suspension_says_why'),
        ),
        migrations.RunSQL(HELD_BY_THE_DATABASE, UNDO),
    ]
