"""Internal control: material, lots, targets, plans, runs, results, violations. ISO 15189:2022, 7.3.7.2."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site


class ControlMaterial(models.Model):
    """What a laboratory measures to know whether it measures right; it comes in lots and levels."""

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    name = models.TextField()
    manufacturer = models.TextField(blank=True, default="")
    matrix = models.TextField(blank=True, default="", help_text="serum, whole blood, plasma, urine ...")
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "control_material"
        constraints = [models.UniqueConstraint(fields=["laboratory", "name"], name="control_material_once")]


class ControlLot(models.Model):
    """One level of one lot of a material; `codes` are what analyzers call it (a tube's number, a name)."""

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    material = models.ForeignKey(ControlMaterial, models.PROTECT)
    number = models.TextField(help_text="as printed on the package")
    level = models.SmallIntegerField()
    codes = ArrayField(models.TextField(), default=list)
    expires_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="used up or replaced")

    class Meta:
        db_table = "control_lot"
        constraints = [
            models.UniqueConstraint(fields=["material", "number", "level"], name="control_lot_once"),
            models.CheckConstraint(condition=models.Q(level__gte=1, level__lte=9), name="control_lot_level"),
        ]
        indexes = [
            models.Index(
                fields=["laboratory"], name="control_lot_in_use", condition=models.Q(ended_at__isnull=True)
            )
        ]


class ControlTarget(models.Model):
    """Mean and SD of a lot for a test on an analyzer from `since` on; one at a time, earlier ones stay."""

    class Origin(models.TextChoices):
        ESTABLISHED = "established", _("established from own runs")
        CUMULATIVE = "cumulative", _("renewed from own runs")
        TRANSFERRED = "transferred", _("transferred from the lot before")
        PEER = "peer", _("from the peer group")
        FIXED = "fixed", _("as the manufacturer says")

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    lot = models.ForeignKey(ControlLot, models.PROTECT, db_index=False)
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, related_name="+", db_index=False)
    test = models.ForeignKey(Test, models.PROTECT, related_name="+", db_index=False)
    mean = models.DecimalField(max_digits=18, decimal_places=6)
    sd = models.DecimalField(max_digits=18, decimal_places=6)
    unit = models.TextField(blank=True, default="")
    origin = models.TextField(choices=Origin.choices)
    is_floating = models.BooleanField(default=False, help_text="renewed by itself from the newest runs")
    runs = models.IntegerField(default=0, help_text="how many runs it was computed from")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    note = models.TextField(blank=True, default="")
    by = models.TextField()

    class Meta:
        db_table = "control_target"
        constraints = [
            models.UniqueConstraint(
                fields=["analyzer", "test", "lot"],
                condition=models.Q(until__isnull=True),
                name="control_target_once",
            ),
            models.CheckConstraint(condition=models.Q(sd__gt=0), name="control_target_sd"),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gt=models.F("since")),
                name="control_target_forward",
            ),
        ]


class ControlPlan(models.Model):
    """How a test on an analyzer is controlled from `since` on: rules, levels, how often, what resumes."""

    class Resume(models.TextChoices):
        ACTED = "acted", _("when cause and action are recorded and a run is good")
        PERSON = "person", _("when a person says so after a good run")

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, related_name="+", db_index=False)
    test = models.ForeignKey(Test, models.PROTECT, related_name="+", db_index=False)
    rules = ArrayField(models.TextField(), help_text="rules that reject, as named in rules/westgard")
    warnings = ArrayField(models.TextField(), default=list, help_text="rules that only warn")
    levels = models.SmallIntegerField(default=2, help_text="levels that a run needs")
    run_minutes = models.IntegerField(default=60, help_text="controls within this time are one run")
    every_minutes = models.IntegerField(null=True, help_text="a run is due this long after the last one")
    every_results = models.IntegerField(null=True, help_text="or after so many patient results")
    resume = models.TextField(choices=Resume.choices, default=Resume.ACTED)
    sigma = models.DecimalField(max_digits=6, decimal_places=2, null=True, help_text="that it was chosen by")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    note = models.TextField(blank=True, default="")
    by = models.TextField()

    class Meta:
        db_table = "control_plan"
        constraints = [
            models.UniqueConstraint(
                fields=["analyzer", "test"], condition=models.Q(until__isnull=True), name="control_plan_once"
            ),
            models.CheckConstraint(
                condition=models.Q(levels__gte=1, levels__lte=9, run_minutes__gte=1), name="control_plan_sane"
            ),
        ]


class ControlCount(models.Model):
    """Patient results since the last good run, where a plan asks for a run after so many of them."""

    plan = models.OneToOneField(ControlPlan, models.CASCADE, primary_key=True)
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    results = models.IntegerField(default=0)
    run_id = models.BigIntegerField(
        null=True, help_text="the good run that was the newest when it was counted last; a newer one: from 0"
    )

    class Meta:
        db_table = "control_count"


class ControlRun(models.Model):
    """Controls of a test measured together on an analyzer; a level that comes again begins the next run."""

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", _("in control")
        WARNING = "warning", _("in control, with a warning")
        REJECTED = "rejected", _("run rejected")
        ESTABLISHING = "establishing", _("no target yet")

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, related_name="+", db_index=False)
    test = models.ForeignKey(Test, models.PROTECT, related_name="+", db_index=False)
    number = models.IntegerField(help_text="of this test on this analyzer, from 1, as they were filed")
    began_at = models.DateTimeField(help_text="when its first control was measured; never after it was filed")
    verdict = models.TextField(choices=Verdict.choices)
    is_complete = models.BooleanField(default=False, help_text="all levels of the plan are there")

    class Meta:
        db_table = "control_run"
        constraints = [
            models.UniqueConstraint(fields=["analyzer", "test", "number"], name="control_run_once")
        ]
        indexes = [
            models.Index(fields=["laboratory", "-began_at"], name="control_run_newest"),
            models.Index(fields=["analyzer", "test", "-began_at", "-number"], name="control_run_in_time"),
        ]


class ControlResult(models.Model):
    """One value of one control, as measured and unrounded, with the target that it was held against."""

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, related_name="+", db_index=False)
    test = models.ForeignKey(Test, models.PROTECT, related_name="+", db_index=False)
    run = models.ForeignKey(ControlRun, models.PROTECT)
    lot = models.ForeignKey(ControlLot, models.PROTECT, db_index=False)
    target = models.ForeignKey(ControlTarget, models.PROTECT, null=True, db_index=False)
    reading_id = models.BigIntegerField(
        null=True, help_text="the analyzer's line; empty: entered by a person"
    )
    value = models.DecimalField(max_digits=18, decimal_places=6)
    unit = models.TextField(blank=True, default="")
    z = models.DecimalField(max_digits=20, decimal_places=10, null=True, help_text="(value - mean) / SD")
    measured_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    reagent_lot = models.TextField(blank=True, default="")
    calibrator_lot = models.TextField(blank=True, default="")
    is_counted = models.BooleanField(default=True, help_text="off: a person set it aside, and said why")
    note = models.TextField(blank=True, default="")
    by = models.TextField()

    class Meta:
        db_table = "control_result"
        constraints = [
            models.UniqueConstraint(fields=["run", "lot"], name="control_result_once"),
            models.UniqueConstraint(
                fields=["reading_id"],
                condition=models.Q(reading_id__isnull=False),
                name="control_result_of_reading",
            ),
        ]
        indexes = [
            models.Index(fields=["analyzer", "test", "-measured_at"], name="control_result_history"),
            models.Index(fields=["lot", "test", "-measured_at"], name="control_result_of_lot"),
        ]


class ControlViolation(models.Model):
    """A rule that a run broke, and what a person found and did; a rejection stays open till then."""

    class Cause(models.TextChoices):
        CONTROL = "control", _("the control itself: mixed up, old, badly dissolved")
        REAGENT = "reagent", _("reagent")
        CALIBRATION = "calibration", _("calibration")
        ANALYZER = "analyzer", _("analyzer: part, lamp, needle, temperature")
        WATER = "water", _("water or environment")
        OPERATOR = "operator", _("handling")
        TARGET = "target", _("the target is not right")
        CHANCE = "chance", _("chance: nothing found")

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, related_name="+", db_index=False)
    test = models.ForeignKey(Test, models.PROTECT, related_name="+", db_index=False)
    run = models.ForeignKey(ControlRun, models.PROTECT)
    rule = models.TextField()
    variant = models.TextField(blank=True, default="", help_text="within-level, across-levels ...")
    error = models.TextField(help_text="random, systematic or either")
    is_rejection = models.BooleanField()
    points = ArrayField(models.BigIntegerField(), help_text="ids of the control results that it rests on")
    found_at = models.DateTimeField()
    doubtful_since = models.DateTimeField(null=True, help_text="the last good run before; empty: none")
    cause = models.TextField(choices=Cause.choices, blank=True, default="")
    action = models.TextField(blank=True, default="", help_text="what was done")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(blank=True, default="")

    class Meta:
        db_table = "control_violation"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "rule", "variant", "points"], name="control_violation_once"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | (~models.Q(cause="") & ~models.Q(action="")),
                name="control_violation_closed_with_words",
            ),
        ]
        indexes = [
            models.Index(
                fields=["analyzer", "test"],
                name="control_violation_open",
                condition=models.Q(closed_at__isnull=True, is_rejection=True),
            ),
            models.Index(fields=["laboratory", "-found_at"], name="control_violation_newest"),
        ]
