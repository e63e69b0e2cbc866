# A call that was withdrawn or noted may be open again: its value holds again, or what was told instead does not.

from django.db import migrations, models

STEPS = "open>closed open>withdrawn withdrawn>open noted>open"
BY_THE_DATABASE = f"""
DROP TRIGGER critical_call_steps ON critical_call;
CREATE TRIGGER critical_call_steps BEFORE UPDATE OF state ON critical_call FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND OLD.state || '>' || NEW.state <> ALL ('{{{",".join(STEPS.split())}}}'::text[]))
    EXECUTE FUNCTION refuse_step();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0036_readings_filed_by_tube'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='criticalcall',
            index=models.Index(condition=models.Q(('state', 'noted')), fields=['about'], name='critical_call_noted'),
        ),
        migrations.AddIndex(
            model_name='criticalcall',
            index=models.Index(condition=models.Q(('state', 'closed')), fields=['ordering_site', '-closed_at'], name='critical_call_received'),
        ),
        migrations.RunSQL(BY_THE_DATABASE, migrations.RunSQL.noop),
    ]
