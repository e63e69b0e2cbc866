"""Verification: versions of rule sets, who wrote and approved them, their validation, suspensions."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, IntegerField, Q, Value
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_lazy as _

from aliquot.flow.instruments.models import Analyzer, Stop
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site


class RuleSetVersion(models.Model):
    """One version of the rules of the network, or of one laboratory; its text is what is signed.

    The database holds that a text changes only as a draft, that nobody approves what they wrote, that nothing
    is approved without a signed validation of the same text, and that one version holds at a time.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("waits for approval")
        APPROVED = "approved", _("approved")
        ACTIVE = "active", _("active")
        RETIRED = "retired", _("retired")

    laboratory = models.ForeignKey(
        Site, models.PROTECT, null=True, related_name="+", help_text="none: the network's"
    )
    version = models.IntegerField(help_text="counts within the network or the laboratory")
    text = models.TextField()
    digest = models.TextField(help_text="SHA-256 of the text")
    units = models.JSONField(
        default=dict,
        db_default=Value({}, models.JSONField()),
        help_text="{test: unit} of the catalogue when it was approved",
    )
    state = models.TextField(choices=State.choices, default=State.DRAFT)
    drawn_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True, default="", help_text="why it was drafted")
    drafted_at = models.DateTimeField()
    drafted_by = models.TextField()
    edited_at = models.DateTimeField()
    edited_by = models.TextField()
    written_by = ArrayField(models.TextField(), help_text="everybody whose hand was in the text")
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.TextField(blank=True, default="")
    review_note = models.TextField(blank=True, default="", help_text="why it was approved or sent back")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.TextField(blank=True, default="")
    activated_by = models.TextField(blank=True, default="")
    active_from = models.DateTimeField(null=True)
    active_until = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    retired_by = models.TextField(blank=True, default="")

    class Meta:
        db_table = "rule_set"
        constraints = [
            models.UniqueConstraint(
                fields=["laboratory", "version"], name="rule_set_version", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(approved_by="")
                | (
                    ~Q(approved_by=F("submitted_by"))
                    & Q(
                        IsNull(
                            Func(
                                F("written_by"),
                                F("approved_by"),
                                function="array_position",
                                output_field=IntegerField(),
                            ),
                            True,
                        )
                    )
                ),
                name="rule_set_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted"])
                | Q(state="retired")
                | (~Q(approved_by="") & Q(approved_at__isnull=False)),
                name="rule_set_approved",
            ),
            models.CheckConstraint(
                condition=Q(active_from__isnull=True) | (~Q(approved_by="") & ~Q(activated_by="")),
                name="rule_set_active_only_approved",
            ),
        ]

    @property
    def title(self) -> str:
        """Whose set it is: "network", or the laboratory's code."""
        return self.laboratory.code if self.laboratory else "network"

    def stage_at(self, at: datetime) -> str:
        """The state as people see it: active from and until the dates that are kept."""
        if self.state != self.State.ACTIVE or self.active_from is None:
            return self.state
        if self.active_until is not None and self.active_until <= at:
            return str(self.State.RETIRED)
        return str(self.State.ACTIVE) if self.active_from <= at else "coming"


class RuleSetValidation(models.Model):
    """A text tried on its cases and on a stretch of history; signed, it allows that text to be approved."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waits to begin")
        RUNNING = "running", _("running")
        FINISHED = "finished", _("finished")
        FAILED = "failed", _("failed")

    rule_set = models.ForeignKey(RuleSetVersion, models.PROTECT, related_name="validations")
    digest = models.TextField(help_text="of the text that was tried")
    inherited_digest = models.TextField(blank=True, default="", help_text="of the network's set beneath it")
    laboratory = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    state = models.TextField(choices=State.choices, default=State.QUEUED)
    asked_at = models.DateTimeField()
    asked_by = models.TextField()
    beat_at = models.DateTimeField(null=True, help_text="when the run last said how far it is")
    decided = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    finished_at = models.DateTimeField(null=True)
    fault = models.TextField(blank=True, default="")
    report = models.JSONField(null=True)
    report_digest = models.TextField(
        blank=True, default="", help_text="SHA-256 of the report and its digests"
    )
    signed_at = models.DateTimeField(null=True)
    signed_by = models.TextField(blank=True, default="")
    signed_name = models.TextField(blank=True, default="")
    meaning = models.TextField(blank=True, default="", help_text="what the signature says")

    class Meta:
        db_table = "rule_set_validation"
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True)
                | (Q(state="finished") & ~Q(signed_by="") & ~Q(meaning="") & ~Q(report_digest="")),
                name="rule_set_validation_signed",
            )
        ]


class Suspension(Stop):
    """Automatic release switched off by a person: of a test, an analyzer, a laboratory, the network."""

    class Scope(models.TextChoices):
        TEST = "test", _("test")
        ANALYZER = "analyzer", _("analyzer")
        LABORATORY = "laboratory", _("laboratory")
        NETWORK = "network", _("network")

    scope = models.TextField(choices=Scope.choices)
    laboratory = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    test = models.ForeignKey(Test, models.PROTECT, null=True, related_name="+")
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "suspension"
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "laboratory", "test", "analyzer"],
                condition=Q(ended_at__isnull=True),
                name="suspension_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(scope="test", laboratory__isnull=False, test__isnull=False, analyzer__isnull=True)
                | Q(scope="analyzer", laboratory__isnull=False, analyzer__isnull=False, test__isnull=True)
                | Q(scope="laboratory", laboratory__isnull=False, test__isnull=True, analyzer__isnull=True)
                | Q(scope="network", laboratory__isnull=True, test__isnull=True, analyzer__isnull=True),
                name="suspension_of_one_thing",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & (Q(ended_at__isnull=True) | (~Q(ended_by="") & ~Q(end_reason=""))),
                name="suspension_says_why",
            ),
        ]
