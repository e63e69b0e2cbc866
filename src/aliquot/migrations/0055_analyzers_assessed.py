# Scores of further analyzers beside what is returned; rounds that are expected; what was submitted stands.

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

HELD_BY_THE_DATABASE = """
CREATE FUNCTION eqa_result_stands() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- what the provider says of it comes later; what a further analyzer measured may still change
        IF (OLD.is_further AND NEW.is_further)
           OR (NEW.item_id, NEW.round_id, NEW.laboratory_id, NEW.text, NEW.value, NEW.u, NEW.method, NEW.analyzer_id,
               NEW.result_id, NEW.is_further)
              IS NOT DISTINCT FROM
              (OLD.item_id, OLD.round_id, OLD.laboratory_id, OLD.text, OLD.value, OLD.u, OLD.method, OLD.analyzer_id,
               OLD.result_id, OLD.is_further) THEN
            RETURN NEW;
        END IF;
    ELSIF NEW.is_further THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT 1 FROM eqa_participation p WHERE p.round_id = NEW.round_id
               AND p.laboratory_id = NEW.laboratory_id AND p.submitted_at IS NOT NULL) THEN
        RAISE insufficient_privilege USING MESSAGE = 'what was submitted is not changed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER eqa_result_stands BEFORE INSERT OR UPDATE ON eqa_result
    FOR EACH ROW EXECUTE FUNCTION eqa_result_stands();
REVOKE ALL ON FUNCTION eqa_result_stands() FROM PUBLIC;

DROP FUNCTION eqa_returned(bigint);
-- As before; of further analyzers one sees one's own, so that others do not learn how many a laboratory has.
CREATE FUNCTION eqa_returned(asked bigint)
    RETURNS TABLE (returned numeric, by_method text, is_own boolean, further boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT e.value, e.method, e.laboratory_id = ANY(aliquot_sites()), e.is_further
    FROM eqa_result e
    JOIN eqa_round r ON r.id = e.round_id
    WHERE e.item_id = asked AND e.value IS NOT NULL
      AND (NOT e.is_further OR e.laboratory_id = ANY(aliquot_sites()))
      AND ((r.organiser_id = ANY(aliquot_sites()) AND aliquot_may('manage_quality'))
           OR (r.state = 'closed' AND EXISTS (SELECT 1 FROM eqa_participation p
                WHERE p.round_id = r.id AND p.laboratory_id = ANY(aliquot_sites()))))
    ORDER BY e.value, e.method;
END $$;
REVOKE ALL ON FUNCTION eqa_returned(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION eqa_returned(bigint) TO aliquot_app;
"""
UNDO = """
DROP TRIGGER eqa_result_stands ON eqa_result;
DROP FUNCTION eqa_result_stands();
DROP FUNCTION eqa_returned(bigint);
CREATE FUNCTION eqa_returned(asked bigint) RETURNS TABLE (returned numeric, by_method text, is_own boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT e.value, e.method, e.laboratory_id = ANY(aliquot_sites())
    FROM eqa_result e
    JOIN eqa_round r ON r.id = e.round_id
    WHERE e.item_id = asked AND e.value IS NOT NULL
      AND ((r.organiser_id = ANY(aliquot_sites()) AND aliquot_may('manage_quality'))
           OR (r.state = 'closed' AND EXISTS (SELECT 1 FROM eqa_participation p
                WHERE p.round_id = r.id AND p.laboratory_id = ANY(aliquot_sites()))))
    ORDER BY e.value, e.method;
END $$;
REVOKE ALL ON FUNCTION eqa_returned(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION eqa_returned(bigint) TO aliquot_app;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0060_nodes'),
    ]

    operations = [
        migrations.CreateModel(
            name='PlannedRound',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scheme', models.TextField()),
                ('provider', models.TextField(blank=True, default='', help_text='empty: our own')),
                ('code', models.TextField(blank=True, default='', help_text='its number, where it is known before')),
                ('tests', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), help_text='codes of the tests in it', size=None)),
                ('samples_on', models.DateField(help_text='when the samples are sent or expected')),
                ('due_on', models.DateField(help_text='the last day for results')),
                ('dropped_why', models.TextField(blank=True, default='', help_text='why it is not to be expected any more')),
                ('planned_at', models.DateTimeField()),
                ('planned_by', models.TextField()),
            ],
            options={
                'db_table': 'eqa_planned',
            },
        ),
        migrations.RemoveConstraint(
            model_name='proficiencyresult',
            name='eqa_result_once',
        ),
        migrations.RemoveConstraint(
            model_name='proficiencyscore',
            name='eqa_score_once',
        ),
        migrations.AddField(
            model_name='proficiencyresult',
            name='is_further',
            field=models.BooleanField(db_default=False, default=False, help_text='of another analyzer than the one whose result is returned'),
        ),
        migrations.AddField(
            model_name='proficiencyscore',
            name='is_further',
            field=models.BooleanField(db_default=False, default=False, help_text='of a result beside the one that was returned'),
        ),
        migrations.AddConstraint(
            model_name='proficiencyresult',
            constraint=models.UniqueConstraint(condition=models.Q(('is_further', False)), fields=('item', 'laboratory'), name='eqa_result_once'),
        ),
        migrations.AddConstraint(
            model_name='proficiencyresult',
            constraint=models.UniqueConstraint(condition=models.Q(('is_further', True)), fields=('item', 'laboratory', 'analyzer'), name='eqa_result_further_once'),
        ),
        migrations.AddConstraint(
            model_name='proficiencyresult',
            constraint=models.CheckConstraint(condition=models.Q(('is_further', False), ('analyzer__isnull', False), _connector='OR'), name='eqa_result_further_whose'),
        ),
        migrations.AddConstraint(
            model_name='proficiencyscore',
            constraint=models.UniqueConstraint(condition=models.Q(('is_further', False)), fields=('item', 'laboratory'), name='eqa_score_once'),
        ),
        migrations.AddConstraint(
            model_name='proficiencyscore',
            constraint=models.UniqueConstraint(condition=models.Q(('is_further', True)), fields=('result',), name='eqa_score_further_once'),
        ),
        migrations.AddConstraint(
            model_name='proficiencyscore',
            constraint=models.CheckConstraint(condition=models.Q(('is_further', False), ('result__isnull', False), _connector='OR'), name='eqa_score_further_whose'),
        ),
        migrations.AddField(
            model_name='plannedround',
            name='laboratory',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.site'),
        ),
        migrations.AddField(
            model_name='plannedround',
            name='round',
            field=models.OneToOneField(help_text='what it became', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='planned', to='aliquot.proficiencyround'),
        ),
        migrations.AddIndex(
            model_name='plannedround',
            index=models.Index(fields=['laboratory', 'samples_on'], name='eqa_planned_list'),
        ),
        migrations.AddConstraint(
            model_name='plannedround',
            constraint=models.UniqueConstraint(condition=models.Q(('dropped_why', '')), fields=('laboratory', 'scheme', 'samples_on'), name='eqa_planned_once'),
        ),
        migrations.AddConstraint(
            model_name='plannedround',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gte', models.F('samples_on'))), name='eqa_planned_dates'),
        ),
        migrations.RunSQL(HELD_BY_THE_DATABASE, UNDO),
    ]
