"""Facts of a month: patient medians, split specimens, means of control lots."""

from django.db import models

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.specimens.models import Specimen
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site


class ComparedMonth(models.Model):
    """A month that was computed, and when."""

    month = models.DateField(unique=True)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "compared_month"


class Compared(models.Model):
    """A test on an analyzer in a month."""

    month = models.DateField(help_text="its first day, UTC")
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    test = models.ForeignKey(Test, models.PROTECT, related_name="+", db_index=False)
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class PatientMedian(Compared):
    """The middle of the values of like patients: no patient can be told from it."""

    n = models.IntegerField()
    median = models.DecimalField(max_digits=20, decimal_places=8)
    low_quartile = models.DecimalField(max_digits=20, decimal_places=8)
    high_quartile = models.DecimalField(max_digits=20, decimal_places=8)

    class Meta:
        db_table = "patient_median"
        constraints = [
            models.UniqueConstraint(fields=["month", "test", "analyzer"], name="patient_median_once")
        ]


class LotMean(Compared):
    """What the controls of one lot and level came to."""

    material = models.TextField()
    lot = models.TextField()
    level = models.SmallIntegerField()
    unit = models.TextField(blank=True, default="")
    n = models.IntegerField()
    mean = models.DecimalField(max_digits=20, decimal_places=8)
    sd = models.DecimalField(max_digits=20, decimal_places=8)

    class Meta:
        db_table = "lot_mean"
        constraints = [
            models.UniqueConstraint(
                fields=["month", "test", "material", "lot", "level", "unit", "analyzer"], name="lot_mean_once"
            )
        ]


class SplitPair(Compared):
    """One tube measured on two analyzers; `level` is where the values lie against the reference limits."""

    other = models.ForeignKey(Analyzer, models.PROTECT, related_name="+", db_index=False)
    specimen = models.ForeignKey(
        Specimen, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    level = models.TextField(help_text="low, within or high")
    value = models.DecimalField(max_digits=18, decimal_places=6)
    other_value = models.DecimalField(max_digits=18, decimal_places=6)
    measured_at = models.DateTimeField()

    class Meta:
        db_table = "split_pair"
        indexes = [models.Index(fields=["test", "month"], name="split_pair_list")]
