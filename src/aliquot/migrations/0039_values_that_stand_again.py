# A value that was withdrawn and holds again has a call of its own, with a ladder of its own; what is withdrawn stays so.

from django.db import migrations, models

STEPS = "open>closed open>withdrawn noted>open"
BY_THE_DATABASE = f"""
DROP TRIGGER critical_call_steps ON critical_call;
CREATE TRIGGER critical_call_steps BEFORE UPDATE OF state ON critical_call FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND OLD.state || '>' || NEW.state <> ALL ('{{{",".join(STEPS.split())}}}'::text[]))
    EXECUTE FUNCTION refuse_step();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0038_release_states_by_their_end'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='criticalcall',
            name='critical_call_once',
        ),
        migrations.AlterField(
            model_name='criticalcall',
            name='kind',
            field=models.TextField(choices=[('value', 'critical value'), ('withdrawal', 'withdrawal of a value that was told'), ('reinstated', 'withdrawn value that stands again')], default='value'),
        ),
        migrations.AddIndex(
            model_name='criticalcall',
            index=models.Index(fields=['result'], name='critical_call_of_result'),
        ),
        migrations.AddConstraint(
            model_name='criticalcall',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'value')), fields=('result',), name='critical_call_once'),
        ),
        migrations.AddConstraint(
            model_name='criticalcall',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('kind', 'value'), _negated=True), models.Q(('state', 'withdrawn'), _negated=True)), fields=('about',), name='critical_call_followed'),
        ),
        migrations.RunSQL(BY_THE_DATABASE, migrations.RunSQL.noop),
    ]
