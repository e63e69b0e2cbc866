"""Patient-based control: monitors over the results of a test on an analyzer, their state and alarms."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site


class PatientMonitor(models.Model):
    """A procedure over patient results with its limits: designed on own history, signed, then in use."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        ACTIVE = "active", _("in use")
        RETIRED = "retired", _("switched off")

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, related_name="+", db_index=False)
    test = models.ForeignKey(Test, models.PROTECT, related_name="+", db_index=False)
    procedure = models.TextField(help_text="as named in rules/moving")
    settings = models.JSONField(
        help_text="block, weight, truncation, transformation, limits: as rules/moving reads them"
    )
    inclusion = models.JSONField(default=dict, help_text="which patients count: {wards, age_days, urgency}")
    design = models.JSONField(default=dict, help_text="the simulation that it was chosen by")
    blocks = models.BooleanField(default=True, help_text="an alarm holds results; off: it only tells")
    state = models.TextField(choices=State.choices, default=State.DRAFT)
    drafted_at = models.DateTimeField()
    drafted_by = models.TextField()
    approved_at = models.DateTimeField(null=True)
    approved_by = models.TextField(blank=True, default="")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")

    class Meta:
        db_table = "patient_monitor"
        constraints = [
            models.UniqueConstraint(
                fields=["analyzer", "test", "procedure"],
                condition=models.Q(state="active"),
                name="patient_monitor_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="active") | models.Q(approved_at__isnull=False),
                name="patient_monitor_signed",
            ),
        ]


class MonitorState(models.Model):
    """Where a monitor stands; rewritten with every batch of results that concerns it."""

    monitor = models.OneToOneField(PatientMonitor, models.CASCADE, primary_key=True)
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    values = ArrayField(models.FloatField(), default=list, help_text="as rules/moving packs its state")
    statistic = models.FloatField(null=True)
    counted = models.BigIntegerField(default=0, help_text="results since it was switched on")
    is_alarmed = models.BooleanField(default=False)
    in_limits_at = models.DateTimeField(null=True, help_text="when it last stood within its limits")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "monitor_state"


class MonitorPoint(models.Model):
    """The statistic at the end of a batch, for the picture; at most one for each block of results."""

    monitor = models.ForeignKey(PatientMonitor, models.PROTECT, db_index=False)
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    statistic = models.FloatField()
    counted = models.BigIntegerField()

    class Meta:
        db_table = "monitor_point"
        indexes = [models.Index(fields=["monitor", "-at"], name="monitor_point_history")]


class MonitorAlarm(models.Model):
    """A monitor left its limits; open till a person says what it was."""

    class Cause(models.TextChoices):
        CALIBRATION = "calibration", _("calibration")
        REAGENT = "reagent", _("reagent")
        ANALYZER = "analyzer", _("analyzer: part, lamp, needle, temperature")
        WATER = "water", _("water or environment")
        SPECIMENS = "specimens", _("specimens: transport, tube, spinning")
        PATIENTS = "patients", _("other patients than usual: a ward, a screening")
        MONITOR = "monitor", _("the monitor: limits or block do not suit")
        CHANCE = "chance", _("chance: nothing found")

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    monitor = models.ForeignKey(PatientMonitor, models.PROTECT, db_index=False)
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, related_name="+", db_index=False)
    test = models.ForeignKey(Test, models.PROTECT, related_name="+", db_index=False)
    found_at = models.DateTimeField()
    doubtful_since = models.DateTimeField(null=True, help_text="when it last stood within its limits")
    statistic = models.FloatField()
    is_high = models.BooleanField()
    blocks = models.BooleanField()
    cause = models.TextField(choices=Cause.choices, blank=True, default="")
    action = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(blank=True, default="")

    class Meta:
        db_table = "monitor_alarm"
        constraints = [
            models.UniqueConstraint(
                fields=["monitor"], condition=models.Q(closed_at__isnull=True), name="monitor_alarm_once"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | (~models.Q(cause="") & ~models.Q(action="")),
                name="monitor_alarm_closed_with_words",
            ),
        ]
        indexes = [
            models.Index(
                fields=["analyzer", "test"],
                name="monitor_alarm_open",
                condition=models.Q(closed_at__isnull=True),
            ),
            models.Index(fields=["laboratory", "-found_at"], name="monitor_alarm_newest"),
        ]
