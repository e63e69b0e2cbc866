# Nonconformities, complaints, actions, audits and risks; their steps are those of oversight/improvement/rules.

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

STEPS = {
    "nonconformity": (
        "raised>contained raised>dismissed contained>analysed contained>closed analysed>acting acting>done "
        "done>effective done>contained done>acting effective>closed"
    ),
    "internal_audit": "planned>under_way planned>cancelled under_way>reported under_way>cancelled",
}
TRIGGER = """
CREATE TRIGGER {table}_steps BEFORE UPDATE OF state ON {table} FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND OLD.state || '>' || NEW.state <> ALL ('{{{steps}}}'::text[]))
    EXECUTE FUNCTION refuse_step();
"""
HELD_BY_THE_DATABASE = "".join(
    TRIGGER.format(table=table, steps=",".join(steps.split())) for table, steps in STEPS.items()
) + """
CREATE FUNCTION refuse_nonconformity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'raised' OR NEW.contained_by <> '' OR NEW.checked_by <> '' OR NEW.closed_by <> '' THEN
            RAISE EXCEPTION 'a nonconformity begins as raised' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state IN ('closed', 'dismissed') THEN
        RAISE EXCEPTION 'a closed nonconformity does not change' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state AND NEW.state = 'done' AND EXISTS (
        SELECT FROM nonconformity_action a WHERE a.nonconformity_id = NEW.id AND a.done_at IS NULL) THEN
        RAISE EXCEPTION 'an action of this nonconformity is not done' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state AND NEW.state = 'effective' AND EXISTS (
        SELECT FROM nonconformity_action a
         WHERE a.nonconformity_id = NEW.id AND a.done_by = NEW.checked_by) THEN
        RAISE EXCEPTION 'who acted does not judge the effect' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state AND NEW.state = 'closed' AND (
        EXISTS (SELECT FROM nonconformity_action a WHERE a.nonconformity_id = NEW.id AND a.done_by = NEW.closed_by)
        OR (OLD.state = 'contained' AND NEW.contained_by = NEW.closed_by)
        OR EXISTS (SELECT FROM complaint c WHERE c.nonconformity_id = NEW.id AND c.answered_at IS NULL)) THEN
        RAISE EXCEPTION 'a nonconformity is closed by another person, a complaint when it is answered'
              USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER nonconformity_kept BEFORE INSERT OR UPDATE ON nonconformity
    FOR EACH ROW EXECUTE FUNCTION refuse_nonconformity();
CREATE FUNCTION refuse_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of % that is settled does not change', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER nonconformity_action_kept BEFORE UPDATE ON nonconformity_action
    FOR EACH ROW WHEN (OLD.done_at IS NOT NULL) EXECUTE FUNCTION refuse_settled();
CREATE TRIGGER complaint_kept BEFORE UPDATE ON complaint
    FOR EACH ROW WHEN (OLD.answered_at IS NOT NULL) EXECUTE FUNCTION refuse_settled();
CREATE TRIGGER internal_audit_item_kept BEFORE UPDATE ON internal_audit_item
    FOR EACH ROW WHEN (OLD.verdict <> '') EXECUTE FUNCTION refuse_settled();
CREATE TRIGGER risk_kept BEFORE UPDATE ON risk
    FOR EACH ROW WHEN (OLD.state = 'retired') EXECUTE FUNCTION refuse_settled();

-- numbers count in the whole region, of which nobody sees every row
CREATE FUNCTION next_nonconformity(asked_year integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    reached integer;
BEGIN
    IF aliquot_actor() = '' THEN
        RAISE insufficient_privilege USING MESSAGE = 'only who is signed in takes numbers';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('number of a nonconformity', 0));
    SELECT coalesce(max(split_part(number, '-', 2)::integer), 0) + 1 INTO reached
      FROM nonconformity WHERE number LIKE asked_year || '-%';
    RETURN reached;
END $$;
REVOKE ALL ON FUNCTION next_nonconformity(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION next_nonconformity(integer) TO aliquot_app;

-- whom an action may be given to: names of those who work at a site of the actor's, and nothing else of them
CREATE FUNCTION people_at(asked_site bigint) RETURNS TABLE (key text, name_en text, name_ru text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF asked_site <> ALL (aliquot_sites()) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only who works at a site may ask who else does';
    END IF;
    RETURN QUERY
        SELECT 'person:' || p.id || ':' || p.username, p.name_en, p.name_ru
          FROM person p
         WHERE p.is_active AND EXISTS (
               SELECT FROM assignment a
                WHERE a.person_id = p.id AND a.site_id = asked_site AND a.role <> 'integration'
                  AND a.since <= now() AND (a.until IS NULL OR a.until > now()));
END $$;
REVOKE ALL ON FUNCTION people_at(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION people_at(bigint) TO aliquot_app;
"""
UNDO = """
DROP FUNCTION people_at(bigint); DROP FUNCTION next_nonconformity(integer);
DROP TRIGGER risk_kept ON risk; DROP TRIGGER internal_audit_item_kept ON internal_audit_item; DROP TRIGGER complaint_kept ON complaint;
DROP TRIGGER nonconformity_action_kept ON nonconformity_action; DROP FUNCTION refuse_settled();
DROP TRIGGER nonconformity_kept ON nonconformity; DROP FUNCTION refuse_nonconformity();
""" + "".join(f"DROP TRIGGER {table}_steps ON {table};" for table in STEPS)


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0047_controls_that_wait'),
    ]

    operations = [
        migrations.CreateModel(
            name='Audit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.TextField(help_text='which part of the work is looked at')),
                ('auditor', models.TextField(help_text='who audits: not of this part of the work')),
                ('planned_on', models.DateField()),
                ('state', models.TextField(choices=[('planned', 'planned'), ('under_way', 'under way'), ('reported', 'reported'), ('cancelled', 'given up')], default='planned')),
                ('planned_at', models.DateTimeField()),
                ('planned_by', models.TextField()),
                ('summary', models.TextField(blank=True, default='', help_text="the report's conclusion, or why it was given up")),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.TextField(blank=True, default='')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
            ],
            options={
                'db_table': 'internal_audit',
            },
        ),
        migrations.CreateModel(
            name='Nonconformity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.TextField(help_text='counts in the region, year by year: 2026-0007', unique=True)),
                ('source', models.TextField(choices=[('rejected_tube', 'rejected tube'), ('control_violation', 'control rule broken'), ('monitor_alarm', 'alarm of a monitor'), ('complaint', 'complaint'), ('late_result', 'late result'), ('wrong_result', 'wrong result reported'), ('eqa_failure', 'failure in external assessment'), ('audit_finding', 'finding of an audit'), ('other', 'something else')])),
                ('subject_id', models.BigIntegerField(help_text='the row that it came from, by source', null=True)),
                ('reference', models.TextField(blank=True, default='', help_text='that row as people call it')),
                ('what', models.TextField(help_text='what happened')),
                ('severity', models.SmallIntegerField(choices=[(1, 'no harm, inconvenience at most'), (2, 'passing, without treatment'), (3, 'needs treatment'), (4, 'lasting or life-threatening'), (5, 'death')])),
                ('probability', models.SmallIntegerField(choices=[(1, 'hardly ever'), (2, 'once in years'), (3, 'once in months'), (4, 'once in weeks'), (5, 'every day')])),
                ('state', models.TextField(choices=[('raised', 'raised'), ('contained', 'contained'), ('analysed', 'cause known'), ('acting', 'actions under way'), ('done', 'effect to be checked'), ('effective', 'effective, to be closed'), ('closed', 'closed'), ('dismissed', 'no nonconformity')], default='raised')),
                ('raised_at', models.DateTimeField()),
                ('raised_by', models.TextField()),
                ('contain_by', models.DateTimeField()),
                ('containment', models.TextField(blank=True, default='', help_text='what was done at once')),
                ('impact', models.TextField(choices=[('unknown', 'not known yet'), ('none', 'no patient concerned'), ('possible', 'patients may be concerned'), ('harmed', 'a patient was harmed')], default='unknown')),
                ('contained_at', models.DateTimeField(null=True)),
                ('contained_by', models.TextField(blank=True, default='')),
                ('cause', models.TextField(blank=True, choices=[('people', 'people: training, attention, staffing'), ('method', 'method: procedure, instruction'), ('equipment', 'equipment: analyzer, centrifuge, printer'), ('material', 'material: reagent, tube, control, calibrator'), ('environment', 'environment: rooms, temperature, power, water'), ('measurement', 'measurement: calibration, limits, targets'), ('information', 'information: order, label, interface, report'), ('transport', 'transport: route, time, box'), ('management', 'management: planning, responsibility, supplies'), ('unknown', 'no cause found')], default='')),
                ('whys', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, help_text='why, and why that, up to five times', size=None)),
                ('analysis', models.TextField(blank=True, default='', help_text='the cause in words')),
                ('analysed_at', models.DateTimeField(null=True)),
                ('analysed_by', models.TextField(blank=True, default='')),
                ('criterion', models.TextField(blank=True, default='', help_text='by what one will see that it helped')),
                ('check_on', models.DateField(null=True)),
                ('attempts', models.SmallIntegerField(default=0, help_text='how often actions had no effect')),
                ('checked_at', models.DateTimeField(null=True)),
                ('checked_by', models.TextField(blank=True, default='')),
                ('verdict', models.TextField(blank=True, default='', help_text='what the check found')),
                ('conclusion', models.TextField(blank=True, default='')),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_by', models.TextField(blank=True, default='')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('site', models.ForeignKey(db_index=False, help_text='where it happened', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
            ],
            options={
                'db_table': 'nonconformity',
            },
        ),
        migrations.CreateModel(
            name='ImprovementStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.TextField(choices=[('raised', 'raised'), ('contained', 'contained'), ('dismissed', 'found to be none'), ('analysed', 'cause found'), ('planned', 'action planned'), ('finished', 'action done'), ('effective', 'found effective'), ('without_effect', 'found without effect'), ('answered', 'complaint answered'), ('linked', 'linked to a risk'), ('closed', 'closed')])),
                ('note', models.TextField(blank=True, default='')),
                ('at', models.DateTimeField()),
                ('by', models.TextField()),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('nonconformity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='aliquot.nonconformity')),
            ],
            options={
                'db_table': 'nonconformity_step',
            },
        ),
        migrations.CreateModel(
            name='ImprovementAction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attempt', models.SmallIntegerField(default=0)),
                ('kind', models.TextField(choices=[('corrective', 'corrective: so that it does not come again'), ('preventive', 'preventive: so that it comes nowhere else')], default='corrective')),
                ('what', models.TextField()),
                ('owner', models.TextField(help_text="the person's key")),
                ('due_on', models.DateField()),
                ('planned_at', models.DateTimeField()),
                ('planned_by', models.TextField()),
                ('done_at', models.DateTimeField(null=True)),
                ('done_by', models.TextField(blank=True, default='')),
                ('done_note', models.TextField(blank=True, default='')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('nonconformity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='aliquot.nonconformity')),
            ],
            options={
                'db_table': 'nonconformity_action',
            },
        ),
        migrations.CreateModel(
            name='Complaint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('complainant', models.TextField(help_text='who complains, and for whom')),
                ('channel', models.TextField(choices=[('page', 'on the page of the report'), ('phone', 'by telephone'), ('written', 'in writing'), ('spoken', 'in person')])),
                ('received_at', models.DateTimeField()),
                ('is_justified', models.BooleanField(null=True)),
                ('answer', models.TextField(blank=True, default='')),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.TextField(blank=True, default='')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('nonconformity', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='complaint', to='aliquot.nonconformity')),
            ],
            options={
                'db_table': 'complaint',
            },
        ),
        migrations.CreateModel(
            name='AuditItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.SmallIntegerField()),
                ('clause', models.TextField(help_text='of ISO 15189:2022')),
                ('question_en', models.TextField()),
                ('question_ru', models.TextField()),
                ('verdict', models.TextField(blank=True, choices=[('conforms', 'conforms'), ('observation', 'can be improved'), ('minor', 'minor nonconformity'), ('major', 'major nonconformity'), ('not_applicable', 'does not apply here')], default='')),
                ('evidence', models.TextField(blank=True, default='', help_text='what was seen')),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.TextField(blank=True, default='')),
                ('audit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='aliquot.audit')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('nonconformity', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='aliquot.nonconformity')),
            ],
            options={
                'db_table': 'internal_audit_item',
            },
        ),
        migrations.CreateModel(
            name='Risk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.TextField(choices=[('order', 'ordering'), ('collection', 'collection of specimens'), ('transport', 'transport'), ('reception', 'reception'), ('examination', 'examination'), ('verification', 'verification and release'), ('report', 'report and critical values'), ('storage', 'storage of specimens'), ('system', 'information system'), ('staff', 'people, rooms, supplies')])),
                ('hazard', models.TextField(help_text='what may go wrong')),
                ('harm', models.TextField(help_text='what it may do to a patient')),
                ('severity', models.SmallIntegerField(choices=[(1, 'no harm, inconvenience at most'), (2, 'passing, without treatment'), (3, 'needs treatment'), (4, 'lasting or life-threatening'), (5, 'death')])),
                ('probability', models.SmallIntegerField(choices=[(1, 'hardly ever'), (2, 'once in years'), (3, 'once in months'), (4, 'once in weeks'), (5, 'every day')])),
                ('severity_after', models.SmallIntegerField(choices=[(1, 'no harm, inconvenience at most'), (2, 'passing, without treatment'), (3, 'needs treatment'), (4, 'lasting or life-threatening'), (5, 'death')], null=True)),
                ('probability_after', models.SmallIntegerField(choices=[(1, 'hardly ever'), (2, 'once in years'), (3, 'once in months'), (4, 'once in weeks'), (5, 'every day')], null=True)),
                ('state', models.TextField(choices=[('open', 'to be reduced'), ('accepted', 'accepted'), ('retired', 'no longer there')], default='open')),
                ('review_on', models.DateField()),
                ('entered_at', models.DateTimeField()),
                ('entered_by', models.TextField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.TextField(blank=True, default='')),
                ('decision', models.TextField(blank=True, default='', help_text='why it is accepted, or no longer there')),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
            ],
            options={
                'db_table': 'risk',
            },
        ),
        migrations.AddField(
            model_name='nonconformity',
            name='risk',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='nonconformities', to='aliquot.risk'),
        ),
        migrations.CreateModel(
            name='RiskControl',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.TextField()),
                ('reference', models.TextField(blank=True, default='', help_text="the rule's place, or the document's number")),
                ('added_at', models.DateTimeField()),
                ('added_by', models.TextField()),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('risk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='controls', to='aliquot.risk')),
            ],
            options={
                'db_table': 'risk_control',
            },
        ),
        migrations.CreateModel(
            name='RiskRating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('severity', models.SmallIntegerField(choices=[(1, 'no harm, inconvenience at most'), (2, 'passing, without treatment'), (3, 'needs treatment'), (4, 'lasting or life-threatening'), (5, 'death')])),
                ('probability', models.SmallIntegerField(choices=[(1, 'hardly ever'), (2, 'once in years'), (3, 'once in months'), (4, 'once in weeks'), (5, 'every day')])),
                ('is_after', models.BooleanField(help_text='with what controls it')),
                ('note', models.TextField()),
                ('at', models.DateTimeField()),
                ('by', models.TextField()),
                ('laboratory', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site')),
                ('risk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ratings', to='aliquot.risk')),
            ],
            options={
                'db_table': 'risk_rating',
            },
        ),
        migrations.AddIndex(
            model_name='audit',
            index=models.Index(fields=['laboratory', '-planned_on'], name='internal_audit_list'),
        ),
        migrations.AddConstraint(
            model_name='audit',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['planned', 'under_way']), models.Q(('ended_at__isnull', False), models.Q(('summary', ''), _negated=True)), _connector='OR'), name='internal_audit_ended_with_words'),
        ),
        migrations.AddIndex(
            model_name='improvementaction',
            index=models.Index(condition=models.Q(('done_at__isnull', True)), fields=['laboratory', 'due_on'], name='nonconformity_action_open'),
        ),
        migrations.AddConstraint(
            model_name='improvementaction',
            constraint=models.CheckConstraint(condition=models.Q(('done_at__isnull', True), models.Q(models.Q(('done_by', ''), _negated=True), models.Q(('done_note', ''), _negated=True)), _connector='OR'), name='nonconformity_action_done_with_words'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(('answered_at__isnull', True), models.Q(models.Q(('answer', ''), _negated=True), ('is_justified__isnull', False)), _connector='OR'), name='complaint_answered_with_words'),
        ),
        migrations.AddConstraint(
            model_name='audititem',
            constraint=models.UniqueConstraint(fields=('audit', 'position'), name='internal_audit_item_once'),
        ),
        migrations.AddConstraint(
            model_name='audititem',
            constraint=models.CheckConstraint(condition=models.Q(('verdict', ''), models.Q(('answered_at__isnull', False), models.Q(('evidence', ''), _negated=True)), _connector='OR'), name='internal_audit_item_answered_with_words'),
        ),
        migrations.AddIndex(
            model_name='risk',
            index=models.Index(fields=['laboratory', 'state'], name='risk_of_laboratory'),
        ),
        migrations.AddConstraint(
            model_name='risk',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('severity__gte', 1), ('severity__lte', 5)), ('severity__isnull', True), _connector='OR'), models.Q(models.Q(('probability__gte', 1), ('probability__lte', 5)), ('probability__isnull', True), _connector='OR'), models.Q(models.Q(('severity_after__gte', 1), ('severity_after__lte', 5)), ('severity_after__isnull', True), _connector='OR'), models.Q(models.Q(('probability_after__gte', 1), ('probability_after__lte', 5)), ('probability_after__isnull', True), _connector='OR')), name='risk_rated_one_to_five'),
        ),
        migrations.AddConstraint(
            model_name='risk',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('probability_after__isnull', True), ('severity_after__isnull', True)), models.Q(('probability_after__isnull', False), ('severity_after__isnull', False)), _connector='OR'), name='risk_rated_after_whole'),
        ),
        migrations.AddConstraint(
            model_name='risk',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'accepted'), _negated=True), models.Q(('decided_at__isnull', False), ('severity_after__isnull', False), models.Q(('decision', ''), _negated=True)), _connector='OR'), name='risk_accepted_with_words'),
        ),
        migrations.AddIndex(
            model_name='nonconformity',
            index=models.Index(condition=models.Q(('state__in', ['closed', 'dismissed']), _negated=True), fields=['laboratory', 'raised_at'], name='nonconformity_open'),
        ),
        migrations.AddIndex(
            model_name='nonconformity',
            index=models.Index(fields=['laboratory', '-raised_at'], name='nonconformity_newest'),
        ),
        migrations.AddIndex(
            model_name='nonconformity',
            index=models.Index(fields=['site', '-raised_at'], name='nonconformity_of_site'),
        ),
        migrations.AddIndex(
            model_name='nonconformity',
            index=models.Index(fields=['source', 'subject_id'], name='nonconformity_of_subject'),
        ),
        migrations.AddConstraint(
            model_name='nonconformity',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('severity__gte', 1), ('severity__lte', 5)), ('severity__isnull', True), _connector='OR'), models.Q(models.Q(('probability__gte', 1), ('probability__lte', 5)), ('probability__isnull', True), _connector='OR')), name='nonconformity_rated_one_to_five'),
        ),
        migrations.AddConstraint(
            model_name='nonconformity',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['raised', 'dismissed']), models.Q(('contained_at__isnull', False), models.Q(('containment', ''), _negated=True)), _connector='OR'), name='nonconformity_contained_with_words'),
        ),
        migrations.AddConstraint(
            model_name='nonconformity',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['raised', 'dismissed', 'contained', 'closed']), models.Q(('analysed_at__isnull', False), models.Q(('cause', ''), _negated=True), models.Q(('analysis', ''), _negated=True)), _connector='OR'), name='nonconformity_analysed_with_words'),
        ),
        migrations.AddConstraint(
            model_name='nonconformity',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['acting', 'done', 'effective']), _negated=True), models.Q(('check_on__isnull', False), models.Q(('criterion', ''), _negated=True)), _connector='OR'), name='nonconformity_has_criterion'),
        ),
        migrations.AddConstraint(
            model_name='nonconformity',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['closed', 'dismissed']), _negated=True), models.Q(('closed_at__isnull', False), models.Q(('closed_by', ''), _negated=True), models.Q(('conclusion', ''), _negated=True)), _connector='OR'), name='nonconformity_closed_with_words'),
        ),
        migrations.AddConstraint(
            model_name='nonconformity',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('state__in', ['closed', 'dismissed']), _negated=True), models.Q(('source__in', ['complaint', 'other']), _negated=True)), fields=('source', 'subject_id'), name='nonconformity_open_once'),
        ),
        migrations.AddConstraint(
            model_name='riskrating',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('severity__gte', 1), ('severity__lte', 5)), ('severity__isnull', True), _connector='OR'), models.Q(models.Q(('probability__gte', 1), ('probability__lte', 5)), ('probability__isnull', True), _connector='OR')), name='risk_rating_one_to_five'),
        ),
        migrations.RunSQL(HELD_BY_THE_DATABASE, UNDO),
    ]
