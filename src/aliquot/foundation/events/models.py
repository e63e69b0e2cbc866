"""The outbox of events."""

from django.db import models


class Event(models.Model):
    """Something happened to a row; it is removed by the job that reacted, in that job's transaction.

    A reaction that failed leaves it with its `fault` until `not_before`.
    """

    kind = models.TextField()
    subject_id = models.BigIntegerField()
    at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0, db_default=0)
    not_before = models.DateTimeField(null=True)
    fault = models.TextField(blank=True, default="", db_default="")

    class Meta:
        db_table = "event"
        indexes = [models.Index(fields=["kind", "id"], name="event_kind")]
