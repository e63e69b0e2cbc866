# What no analyzer took waits for a person, who sends it again or not: shown by the index, allowed by the steps.

from django.db import migrations, models

STEPS = (
    "noted>sent noted>withdrawn queued>sending queued>undelivered queued>withdrawn "
    "sending>accepted sending>queued sending>refused sending>sent sending>undelivered "
    "sending>withdrawn sent>accepted sent>refused undelivered>queued refused>queued "
    "undelivered>withdrawn refused>withdrawn"
)
TRIGGER = """
DROP TRIGGER work_request_steps ON work_request;
CREATE TRIGGER work_request_steps BEFORE UPDATE OF state ON work_request FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND OLD.state || '>' || NEW.state <> ALL ('{%s}'::text[]))
    EXECUTE FUNCTION refuse_step();
""" % ",".join(STEPS.split())


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0020_messages_of_requests'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='workrequest',
            name='work_request_to_send',
        ),
        migrations.AddIndex(
            model_name='workrequest',
            index=models.Index(condition=models.Q(('state__in', ['noted', 'queued', 'sending', 'refused', 'undelivered'])), fields=['analyzer', 'id'], name='work_request_to_send'),
        ),
        migrations.RunSQL(TRIGGER, migrations.RunSQL.noop),
    ]
