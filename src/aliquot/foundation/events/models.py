"""The outbox of events."""

from django.db import models


class Event(models.Model):
    """Something happened to a row; it is removed by the job that reacted, in that job's transaction."""

    kind = models.TextField()
    subject_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "event"
        indexes = [models.Index(fields=["kind", "id"], name="event_kind")]
