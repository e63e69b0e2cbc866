"""Reports: frozen content in versions, and the documents rendered from it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from aliquot.flow.orders.models import Order
from aliquot.registers.network.models import SiteScoped
from aliquot.registers.patients.models import Patient


class Report(SiteScoped):
    class Kind(models.TextChoices):
        PRELIMINARY = "preliminary", _("preliminary")
        FINAL = "final", _("final")
        CORRECTED = "corrected", _("corrected")

    order = models.ForeignKey(Order, models.PROTECT, related_name="reports", db_index=False)
    patient = models.ForeignKey(Patient, models.PROTECT, db_index=False)
    version = models.SmallIntegerField()
    kind = models.TextField(choices=Kind.choices)
    content = models.JSONField()
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
