"""Nonconformities from what happened to what was learnt, with actions, steps and complaints.

Every row bears the laboratory that works on it and the site where it happened: by these two it is seen,
and by who raised it. ISO 15189:2022, 7.5, 7.7, 8.7.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aliquot.oversight.improvement.models.risks import Probability, Risk, Severity, is_a_step
from aliquot.oversight.improvement.rules.risks import Level, level_of
from aliquot.registers.network.models import Site


class Nonconformity(models.Model):
    """Something that was not as it should be, until it is shown that it will not come again."""

    class Source(models.TextChoices):
        REJECTED_TUBE = "rejected_tube", _("rejected tube")
        CONTROL_VIOLATION = "control_violation", _("control rule broken")
        MONITOR_ALARM = "monitor_alarm", _("alarm of a monitor")
        COMPLAINT = "complaint", _("complaint")
        LATE_RESULT = "late_result", _("late result")
        WRONG_RESULT = "wrong_result", _("wrong result reported")
        EQA_FAILURE = "eqa_failure", _("failure in external assessment")
        AUDIT_FINDING = "audit_finding", _("finding of an audit")
        OTHER = "other", pgettext_lazy("source of a nonconformity", "something else")

    class State(models.TextChoices):
        RAISED = "raised", _("raised")
        CONTAINED = "contained", _("contained")
        ANALYSED = "analysed", _("cause known")
        ACTING = "acting", _("actions under way")
        DONE = "done", _("effect to be checked")
        EFFECTIVE = "effective", _("effective, to be closed")
        CLOSED = "closed", pgettext_lazy("of a nonconformity", "closed")
        DISMISSED = "dismissed", _("no nonconformity")

    class Impact(models.TextChoices):
        UNKNOWN = "unknown", _("not known yet")
        NONE = "none", _("no patient concerned")
        POSSIBLE = "possible", _("patients may be concerned")
        HARMED = "harmed", _("a patient was harmed")

    class Cause(models.TextChoices):
        PEOPLE = "people", _("people: training, attention, staffing")
        METHOD = "method", _("method: procedure, instruction")
        EQUIPMENT = "equipment", _("equipment: analyzer, centrifuge, printer")
        MATERIAL = "material", _("material: reagent, tube, control, calibrator")
        ENVIRONMENT = "environment", _("environment: rooms, temperature, power, water")
        MEASUREMENT = "measurement", _("measurement: calibration, limits, targets")
        INFORMATION = "information", _("information: order, label, interface, report")
        TRANSPORT = "transport", _("transport: route, time, box")
        MANAGEMENT = "management", _("management: planning, responsibility, supplies")
        UNKNOWN = "unknown", _("no cause found")

    number = models.TextField(unique=True, help_text="counts in the region, year by year: 2026-0007")
    site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, help_text="where it happened"
    )
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    source = models.TextField(choices=Source.choices)
    subject_id = models.BigIntegerField(null=True, help_text="the row that it came from, by source")
    reference = models.TextField(blank=True, default="", help_text="that row as people call it")
    what = models.TextField(help_text="what happened")
    severity = models.SmallIntegerField(choices=Severity.choices)
    probability = models.SmallIntegerField(choices=Probability.choices)
    state = models.TextField(choices=State.choices, default=State.RAISED)
    raised_at = models.DateTimeField()
    raised_by = models.TextField()
    contain_by = models.DateTimeField()
    containment = models.TextField(blank=True, default="", help_text="what was done at once")
    impact = models.TextField(choices=Impact.choices, default=Impact.UNKNOWN)
    contained_at = models.DateTimeField(null=True)
    contained_by = models.TextField(blank=True, default="")
    cause = models.TextField(blank=True, default="", choices=Cause.choices)
    whys = ArrayField(models.TextField(), default=list, help_text="why, and why that, up to five times")
    analysis = models.TextField(blank=True, default="", help_text="the cause in words")
    analysed_at = models.DateTimeField(null=True)
    analysed_by = models.TextField(blank=True, default="")
    criterion = models.TextField(blank=True, default="", help_text="by what one will see that it helped")
    check_on = models.DateField(null=True)
    attempts = models.SmallIntegerField(default=0, help_text="how often actions had no effect")
    checked_at = models.DateTimeField(null=True)
    checked_by = models.TextField(blank=True, default="")
    verdict = models.TextField(blank=True, default="", help_text="what the check found")
    conclusion = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(blank=True, default="")
    risk = models.ForeignKey(Risk, models.PROTECT, null=True, related_name="nonconformities")

    class Meta:
        db_table = "nonconformity"
        constraints = [
            models.CheckConstraint(
                condition=is_a_step("severity", "probability"), name="nonconformity_rated_one_to_five"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["raised", "dismissed"])
                | (models.Q(contained_at__isnull=False) & ~models.Q(containment="")),
                name="nonconformity_contained_with_words",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["raised", "dismissed", "contained", "closed"])
                | (models.Q(analysed_at__isnull=False) & ~models.Q(cause="") & ~models.Q(analysis="")),
                name="nonconformity_analysed_with_words",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["acting", "done", "effective"])
                | (models.Q(check_on__isnull=False) & ~models.Q(criterion="")),
                name="nonconformity_has_criterion",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["closed", "dismissed"])
                | (models.Q(closed_at__isnull=False) & ~models.Q(closed_by="") & ~models.Q(conclusion="")),
                name="nonconformity_closed_with_words",
            ),
            # what somebody works on already is not raised twice; a report may be complained of again
            models.UniqueConstraint(
                fields=["source", "subject_id"],
                condition=~models.Q(state__in=["closed", "dismissed"])
                & ~models.Q(source__in=["complaint", "other"]),
                name="nonconformity_open_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["laboratory", "raised_at"],
                name="nonconformity_open",
                condition=~models.Q(state__in=["closed", "dismissed"]),
            ),
            models.Index(fields=["laboratory", "-raised_at"], name="nonconformity_newest"),
            models.Index(fields=["site", "-raised_at"], name="nonconformity_of_site"),
            models.Index(fields=["source", "subject_id"], name="nonconformity_of_subject"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def level(self) -> Level:
        return level_of(self.severity, self.probability)

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.CLOSED, self.State.DISMISSED}


class ImprovementAction(models.Model):
    """One corrective or preventive action: who does it until when, and that it was done."""

    class Kind(models.TextChoices):
        CORRECTIVE = "corrective", _("corrective: so that it does not come again")
        PREVENTIVE = "preventive", _("preventive: so that it comes nowhere else")

    nonconformity = models.ForeignKey(Nonconformity, models.PROTECT, related_name="actions")
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    attempt = models.SmallIntegerField(default=0)
    kind = models.TextField(choices=Kind.choices, default=Kind.CORRECTIVE)
    what = models.TextField()
    owner = models.TextField(help_text="the person's key")
    due_on = models.DateField()
    planned_at = models.DateTimeField()
    planned_by = models.TextField()
    done_at = models.DateTimeField(null=True)
    done_by = models.TextField(blank=True, default="")
    done_note = models.TextField(blank=True, default="")

    class Meta:
        db_table = "nonconformity_action"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True) | (~models.Q(done_by="") & ~models.Q(done_note="")),
                name="nonconformity_action_done_with_words",
            )
        ]
        indexes = [
            models.Index(
                fields=["laboratory", "due_on"],
                name="nonconformity_action_open",
                condition=models.Q(done_at__isnull=True),
            )
        ]


class ImprovementStep(models.Model):
    """One thing that happened to a nonconformity; only added."""

    class Kind(models.TextChoices):
        RAISED = "raised", _("raised")
        CONTAINED = "contained", _("contained")
        DISMISSED = "dismissed", _("found to be none")
        ANALYSED = "analysed", _("cause found")
        PLANNED = "planned", _("action planned")
        FINISHED = "finished", _("action done")
        EFFECTIVE = "effective", _("found effective")
        WITHOUT_EFFECT = "without_effect", _("found without effect")
        ANSWERED = "answered", _("complaint answered")
        LINKED = "linked", _("linked to a risk")
        CLOSED = "closed", pgettext_lazy("of a nonconformity", "closed")

    nonconformity = models.ForeignKey(Nonconformity, models.PROTECT, related_name="steps")
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField(choices=Kind.choices)
    note = models.TextField(blank=True, default="")
    at = models.DateTimeField()
    by = models.TextField()

    class Meta:
        db_table = "nonconformity_step"


class Complaint(models.Model):
    """Who complained of what, and the answer that was given."""

    class Channel(models.TextChoices):
        PAGE = "page", _("on the page of the report")
        PHONE = "phone", _("by telephone")
        WRITTEN = "written", _("in writing")
        SPOKEN = "spoken", _("in person")

    nonconformity = models.OneToOneField(Nonconformity, models.PROTECT, related_name="complaint")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    complainant = models.TextField(help_text="who complains, and for whom")
    channel = models.TextField(choices=Channel.choices)
    received_at = models.DateTimeField()
    is_justified = models.BooleanField(null=True)
    answer = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.TextField(blank=True, default="")

    class Meta:
        db_table = "complaint"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True)
                | (~models.Q(answer="") & models.Q(is_justified__isnull=False)),
                name="complaint_answered_with_words",
            )
        ]
