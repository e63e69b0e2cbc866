"""How a test on an analyzer stands: control, calibration, reagent; every change is a new row."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site


class ReleaseState(models.Model):
    """From when to when a test on an analyzer stood like this; the row without `until` is how it is now."""

    class Control(models.TextChoices):
        IN_CONTROL = "in_control", _("in control")
        OUT_OF_CONTROL = "out_of_control", _("out of control")
        UNKNOWN = "unknown", _("not known")

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, related_name="+", db_index=False)
    test = models.ForeignKey(Test, models.PROTECT, related_name="+", db_index=False)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    qc_state = models.TextField(choices=Control.choices, default=Control.UNKNOWN)
    calibrated_until = models.DateTimeField(null=True)
    calibrator_lot = models.TextField(blank=True, default="")
    reagent_lot = models.TextField(blank=True, default="")
    reagent_expires_at = models.DateTimeField(null=True)
    is_planned = models.BooleanField(
        default=False, db_default=False, help_text="a control plan is in force: not known means not released"
    )
    is_by_rule = models.BooleanField(
        default=False, db_default=False, help_text="found by control runs; off: said by a person, and stays"
    )
    said_at = models.DateTimeField(
        null=True, help_text="when a person said how control stands; a word about a reagent leaves it"
    )
    note = models.TextField(blank=True, default="")
    by = models.TextField()

    class Meta:
        db_table = "release_state"
        constraints = [
            models.UniqueConstraint(
                fields=["analyzer", "test"], condition=models.Q(until__isnull=True), name="release_state_once"
            ),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gt=models.F("since")),
                name="release_state_forward",
            ),
        ]
        indexes = [
            models.Index(fields=["analyzer", "test", "since"], name="release_state_history"),
            models.Index(fields=["analyzer", "test", "until"], name="release_state_ends"),
            models.Index(fields=["laboratory", "reagent_lot"], name="release_state_reagent"),
            models.Index(fields=["laboratory", "calibrator_lot"], name="release_state_calibrator"),
        ]
