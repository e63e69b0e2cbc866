"""Daily facts: counts by day and site, each case that counts, times by class; days still to be counted."""

from django.db import models

from aliquot.flow.orders.models import Order
from aliquot.flow.specimens.models import Specimen
from aliquot.registers.network.models import Site, SiteScoped


class IndicatorDay(SiteScoped):
    """How many counted, of how many, on one day of a laboratory, by the site that ordered."""

    day = models.DateField(help_text="by the laboratory's clock")
    code = models.TextField()
    numerator = models.IntegerField()
    denominator = models.IntegerField()

    class Meta:
        db_table = "indicator_day"
        constraints = [
            models.UniqueConstraint(
                fields=["laboratory", "day", "code", "ordering_site"], name="indicator_day_once"
            )
        ]


class IndicatorCase(SiteScoped):
    """What counted in a numerator: a tube, or the order of a report; or a tube that was among the slowest."""

    day = models.DateField()
    code = models.TextField(help_text="an indicator's, or time: and a leg's")
    specimen = models.ForeignKey(
        Specimen, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    at = models.DateTimeField()
    minutes = models.IntegerField(null=True)
    label = models.TextField(blank=True, default="", help_text="what else tells it apart: a test, a round")

    class Meta:
        db_table = "indicator_case"
        indexes = [models.Index(fields=["laboratory", "code", "day"], name="indicator_case_list")]


class LegDay(SiteScoped):
    """Tubes whose report was completed on one day, by the class of a time (rules/times.py)."""

    day = models.DateField()
    leg = models.TextField()
    urgency = models.TextField()
    bucket = models.SmallIntegerField(help_text="-1: the times contradict each other")
    tubes = models.IntegerField()

    class Meta:
        db_table = "leg_day"
        constraints = [
            models.UniqueConstraint(
                fields=["laboratory", "day", "leg", "ordering_site", "urgency", "bucket"], name="leg_day_once"
            )
        ]


class IndicatorMonth(SiteScoped):
    """The sum of a month's days: what pages read."""

    month = models.DateField(help_text="its first day")
    code = models.TextField()
    numerator = models.IntegerField()
    denominator = models.IntegerField()

    class Meta:
        db_table = "indicator_month"
        constraints = [
            models.UniqueConstraint(
                fields=["laboratory", "month", "code", "ordering_site"], name="indicator_month_once"
            )
        ]


class LegMonth(SiteScoped):
    """The sum of a month's days by the class of a time."""

    month = models.DateField()
    leg = models.TextField()
    urgency = models.TextField()
    bucket = models.SmallIntegerField()
    tubes = models.IntegerField()

    class Meta:
        db_table = "leg_month"
        constraints = [
            models.UniqueConstraint(
                fields=["laboratory", "month", "leg", "ordering_site", "urgency", "bucket"],
                name="leg_month_once",
            )
        ]


class IndicatorDue(models.Model):
    """A day that has to be counted, or counted again."""

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()

    class Meta:
        db_table = "indicator_due"
        constraints = [models.UniqueConstraint(fields=["laboratory", "day"], name="indicator_due_once")]


class IndicatorProgress(models.Model):
    """Up to which rows a laboratory's changes were looked at; the ids are the last ones seen."""

    laboratory = models.OneToOneField(Site, models.PROTECT, related_name="+")
    looked_at = models.DateTimeField()
    counted_at = models.DateTimeField(null=True)
    event_id = models.BigIntegerField(default=0)
    index_id = models.BigIntegerField(default=0)
    report_id = models.BigIntegerField(default=0)
    score_id = models.BigIntegerField(default=0)
    control_id = models.BigIntegerField(default=0)

    class Meta:
        db_table = "indicator_progress"
