"""Reports: frozen content in versions, and the documents rendered from it."""

from typing import Any

import orjson
from django.db import models
from django.utils.translation import gettext_lazy as _

from aliquot.flow.orders.models import Order
from aliquot.flow.results.models import LookBackStep
from aliquot.registers.network.models import SiteScoped
from aliquot.registers.patients.models import Patient


class FrozenJSONField(models.JSONField):
    """A JSON object that is kept as the text it was written as, and is never asked about by SQL."""

    def db_type(self, connection: Any) -> str:  # noqa: ARG002 - as Django calls it
        """The type that is neither parsed nor ordered anew when it is kept."""
        return "json"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:  # noqa: ARG002 - as Django calls it
        """The object; psycopg may have read it already."""
        return orjson.loads(value) if isinstance(value, str | bytes) else value


class Report(SiteScoped):
    class Kind(models.TextChoices):
        PRELIMINARY = "preliminary", _("preliminary")
        FINAL = "final", _("final")
        CORRECTED = "corrected", _("corrected")
        SUPPLEMENTED = "supplemented", _("supplemented")

    order = models.ForeignKey(Order, models.PROTECT, related_name="reports", db_index=False)
    patient = models.ForeignKey(Patient, models.PROTECT, db_index=False)
    version = models.SmallIntegerField()
    kind = models.TextField(choices=Kind.choices)
    content = FrozenJSONField()
    released_at = models.DateTimeField()
    released_by = models.TextField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.TextField(blank=True, default="")

    class Meta:
        db_table = "report"
        constraints = [models.UniqueConstraint(fields=["order", "version"], name="report_version_once")]
        indexes = [models.Index(fields=["ordering_site", "-released_at"], name="report_site")]


class ReportDocument(SiteScoped):
    """A report as a file: rendered once, kept, never rendered differently again."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="documents", db_index=False)
    language = models.TextField()
    content = models.BinaryField()
    digest = models.BinaryField()
    rendered_at = models.DateTimeField()

    class Meta:
        db_table = "report_document"
        constraints = [models.UniqueConstraint(fields=["report", "language"], name="report_document_once")]


class Notice(SiteScoped):
    """What a recipient of an earlier report must know and acknowledge: one correction or one look-back step.

    The recipient is the site that ordered. Told with `told_at`, seen, acknowledged: the later the stronger.
    """

    report = models.ForeignKey(Report, models.PROTECT, null=True, related_name="notices")
    earlier_version = models.SmallIntegerField(null=True, help_text="what the recipient had been told before")
    step = models.ForeignKey(LookBackStep, models.PROTECT, null=True, db_index=False)
    person = models.TextField(blank=True, default="", help_text="who had looked at the earlier version")
    reason = models.TextField(blank=True, default="")
    told_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="to be acknowledged until then, or it is told by telephone")
    seen_at = models.DateTimeField(null=True)
    seen_by = models.TextField(blank=True, default="")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.TextField(blank=True, default="")
    told_to = models.TextField(blank=True, default="", help_text="who took it by telephone")

    class Meta:
        db_table = "report_notice"
        constraints = [
            models.UniqueConstraint(fields=["report"], name="report_notice_once"),
            models.UniqueConstraint(fields=["step", "ordering_site"], name="report_notice_of_step"),
            models.CheckConstraint(
                condition=models.Q(report__isnull=False) ^ models.Q(step__isnull=False),
                name="report_notice_of_one",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ordering_site", "due_at"],
                name="report_notice_to_take",
                condition=models.Q(acknowledged_at__isnull=True),
            ),
            models.Index(
                fields=["laboratory", "-acknowledged_at", "-id"],
                name="report_notice_settled",
                condition=models.Q(acknowledged_at__isnull=False),
            ),
            models.Index(
                fields=["laboratory", "due_at"],
                name="report_notice_open",
                condition=models.Q(acknowledged_at__isnull=True),
            ),
        ]


class NoticeAttempt(SiteScoped):
    """One try to tell a recipient by telephone."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="attempts")
    at = models.DateTimeField()
    by = models.TextField()
    was_reached = models.BooleanField()
    told_to = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")

    class Meta:
        db_table = "report_notice_attempt"
