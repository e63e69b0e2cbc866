"""Internal audits: what is asked by clause, what was found, what became of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aliquot.oversight.improvement.models.nonconformities import Nonconformity
from aliquot.registers.network.models import Site


class Audit(models.Model):
    """One internal audit of a laboratory, from its plan to its report."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("of an audit", "planned")
        UNDER_WAY = "under_way", pgettext_lazy("of an audit", "under way")
        REPORTED = "reported", pgettext_lazy("of an audit", "reported")
        CANCELLED = "cancelled", pgettext_lazy("of an audit", "given up")

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    scope = models.TextField(help_text="which part of the work is looked at")
    auditor = models.TextField(help_text="who audits: not of this part of the work")
    planned_on = models.DateField()
    state = models.TextField(choices=State.choices, default=State.PLANNED)
    planned_at = models.DateTimeField()
    planned_by = models.TextField()
    summary = models.TextField(
        blank=True, default="", help_text="the report's conclusion, or why it was given up"
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True, default="")

    class Meta:
        db_table = "internal_audit"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["planned", "under_way"])
                | (models.Q(ended_at__isnull=False) & ~models.Q(summary="")),
                name="internal_audit_ended_with_words",
            )
        ]
        indexes = [models.Index(fields=["laboratory", "-planned_on"], name="internal_audit_list")]


class AuditItem(models.Model):
    """One question of the checklist and what the auditor found; a finding stays."""

    class Verdict(models.TextChoices):
        CONFORMS = "conforms", _("conforms")
        OBSERVATION = "observation", _("can be improved")
        MINOR = "minor", _("minor nonconformity")
        MAJOR = "major", _("major nonconformity")
        NOT_APPLICABLE = "not_applicable", _("does not apply here")

    audit = models.ForeignKey(Audit, models.PROTECT, related_name="items")
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    position = models.SmallIntegerField()
    clause = models.TextField(help_text="of ISO 15189:2022")
    question_en = models.TextField()
    question_ru = models.TextField()
    verdict = models.TextField(blank=True, default="", choices=Verdict.choices)
    evidence = models.TextField(blank=True, default="", help_text="what was seen")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.TextField(blank=True, default="")
    nonconformity = models.ForeignKey(
        Nonconformity, models.PROTECT, null=True, related_name="findings", db_index=False
    )

    class Meta:
        db_table = "internal_audit_item"
        constraints = [
            models.UniqueConstraint(fields=["audit", "position"], name="internal_audit_item_once"),
            models.CheckConstraint(
                condition=models.Q(verdict="")
                | (models.Q(answered_at__isnull=False) & ~models.Q(evidence="")),
                name="internal_audit_item_answered_with_words",
            ),
        ]
