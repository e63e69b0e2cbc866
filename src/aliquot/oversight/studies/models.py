"""Evaluation studies: planned, measured, evaluated, signed; after the signature nothing of one changes.

ISO 15189:2022, 7.3.2 and 7.3.3 (verification and validation of methods), 6.6 (reagents), 8.4 (records).
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aliquot.flow.instruments.models import Analyzer
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site


class EvaluationStudy(models.Model):
    """One study of one kind: what is evaluated, the plan made before, what was found, who answers for it."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("study", "planned")
        QUEUED = "queued", _("waits to be evaluated")
        RUNNING = "running", _("being evaluated")
        UNUSABLE = "unusable", _("data cannot be used")
        EVALUATED = "evaluated", pgettext_lazy("study", "evaluated")
        SIGNED = "signed", pgettext_lazy("study", "signed")
        ABANDONED = "abandoned", pgettext_lazy("study", "given up")

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    number = models.IntegerField(help_text="of the laboratory, from 1; all versions bear it")
    version = models.IntegerField(default=1)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="successor")
    kind = models.TextField(help_text="as named in rules/outline")
    title = models.TextField(help_text="what is to be decided by it")
    test = models.ForeignKey(Test, models.PROTECT, null=True, related_name="+", db_index=False)
    unit = models.TextField(blank=True, default="")
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, null=True, related_name="+", db_index=False)
    method = models.TextField(blank=True, default="", help_text="on trial: reagent, lot, calibration")
    compared = models.ForeignKey(Analyzer, models.PROTECT, null=True, related_name="+", db_index=False)
    compared_method = models.TextField(blank=True, default="", help_text="in use: reagent, lot, calibration")
    plan = models.JSONField(help_text="{name: value} of the kind's fields, with the acceptance criteria")
    planned_at = models.DateTimeField()
    planned_by = models.TextField()
    state = models.TextField(choices=State.choices, default=State.PLANNED)
    beat_at = models.DateTimeField(null=True, help_text="when it was given to be evaluated, or begun")
    fault = models.JSONField(null=True, help_text="why the data cannot be used: a sentence with its gaps")
    evaluated_at = models.DateTimeField(null=True)
    record = models.JSONField(null=True, help_text="decision, reasons, figures and pictures")
    conclusion = models.TextField(
        blank=True, default="", help_text="what the signer adds, or why it was given up"
    )
    content = models.TextField(blank=True, default="", help_text="all that was signed, as JSON")
    digest = models.TextField(blank=True, default="", help_text="SHA-256 of the content")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.TextField(blank=True, default="")
    signed_name = models.TextField(blank=True, default="")
    meaning = models.TextField(blank=True, default="", help_text="what the signature says")

    class Meta:
        db_table = "study"
        constraints = [
            models.UniqueConstraint(fields=["laboratory", "number", "version"], name="study_once"),
            models.CheckConstraint(
                condition=(Q(state="signed") & Q(signed_at__isnull=False) & ~Q(digest="") & ~Q(meaning=""))
                | (~Q(state="signed") & Q(signed_at__isnull=True) & Q(digest="")),
                name="study_signed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["evaluated", "signed"]) | Q(record__isnull=False), name="study_found"
            ),
            models.CheckConstraint(condition=~Q(supersedes=F("id")), name="study_not_itself"),
        ]
        indexes = [models.Index(fields=["laboratory", "-planned_at"], name="study_list")]


class StudyData(models.Model):
    """Data given to a study: a file as it was, or values gathered from analyzers as a table. Only added."""

    class Origin(models.TextChoices):
        FILE = "file", _("from a file")
        ANALYZERS = "analyzers", _("from analyzers")

    study = models.ForeignKey(EvaluationStudy, models.PROTECT, related_name="data")
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    origin = models.TextField(choices=Origin.choices)
    name = models.TextField(help_text="of the file")
    content = models.BinaryField(help_text="as it was")
    digest = models.TextField(help_text="SHA-256 of the content")
    rows = models.IntegerField()
    asked = models.JSONField(default=dict, help_text="what was gathered: interval, analyzers, lots, tubes")
    at = models.DateTimeField()
    by = models.TextField()

    class Meta:
        db_table = "study_data"


class SupplyRecord(models.Model):
    """Where a reagent or analyzer under study, or the one in use, comes from and what it costs."""

    class Role(models.TextChoices):
        CANDIDATE = "candidate", _("on trial")
        IN_USE = "in_use", _("in use")

    study = models.ForeignKey(EvaluationStudy, models.PROTECT, related_name="supply", db_index=False)
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    role = models.TextField(choices=Role.choices)
    supplier = models.TextField()
    product = models.TextField()
    lot = models.TextField(blank=True, default="")
    origin = models.TextField(blank=True, default="", help_text="country where it is made")
    registration = models.TextField(
        blank=True, default="", help_text="number of the registration certificate"
    )
    valid_until = models.DateField(null=True, help_text="the registration")
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True, help_text="of one test, roubles")
    first_delivery = models.DateField(null=True)
    decision = models.TextField(blank=True, default="", help_text="what follows for the supply")
    at = models.DateTimeField()
    by = models.TextField()

    class Meta:
        db_table = "study_supply"
        constraints = [
            models.UniqueConstraint(fields=["study", "role"], name="study_supply_once"),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0), name="study_supply_price"
            ),
        ]


class StudyDocument(models.Model):
    """The signed report as a PDF, in one language."""

    study = models.ForeignKey(EvaluationStudy, models.PROTECT, related_name="documents", db_index=False)
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    language = models.TextField()
    content = models.BinaryField()
    digest = models.TextField(help_text="SHA-256 of the content")

    class Meta:
        db_table = "study_document"
        constraints = [models.UniqueConstraint(fields=["study", "language"], name="study_document_once")]
