"""What was asked for a new monitor, how far the trial on own history is, every candidate that was tried."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.models.monitors import PatientMonitor
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site
from aliquot.registers.people.models import Person


class MonitorDesign(models.Model):
    """A trial of monitors on the results of a time, asked for by a person, done by a process of its own."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waits to begin")
        RUNNING = "running", _("running")
        FINISHED = "finished", _("finished")
        FAILED = "failed", _("no monitor came of it")

    class Error(models.TextChoices):
        PROPORTIONAL = "proportional", _("results too high or too low")
        IMPRECISION = "imprecision", _("results that scatter more")

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, related_name="+", db_index=False)
    test = models.ForeignKey(Test, models.PROTECT, related_name="+", db_index=False)
    since = models.DateTimeField()
    until = models.DateTimeField()
    error = models.TextField(
        choices=Error.choices, default=Error.PROPORTIONAL, help_text="what the monitor has to find"
    )
    tea = models.FloatField(help_text="allowable error as a share of the value; of scatter: the added CV")
    alarms_per_day = models.FloatField(help_text="false alarms a day that the laboratory can live with")
    inclusion = models.JSONField(default=dict, help_text="as of the monitor")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    asked_by = models.TextField()
    state = models.TextField(choices=State.choices, default=State.QUEUED)
    done = models.IntegerField(default=0, help_text="candidates tried so far")
    total = models.IntegerField(default=0)
    beat_at = models.DateTimeField(null=True, help_text="when the process last said how far it is")
    finished_at = models.DateTimeField(null=True)
    fault = models.TextField(blank=True, default="", help_text="why no monitor came of it")
    candidates = models.JSONField(default=list, help_text="the record of each, the best first")
    failed = ArrayField(models.TextField(), default=list, help_text="why some could not be tried")
    monitor = models.ForeignKey(PatientMonitor, models.PROTECT, null=True, related_name="designs")

    class Meta:
        db_table = "monitor_design"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("since")), name="monitor_design_forward"
            ),
            models.CheckConstraint(
                condition=models.Q(tea__gt=0, alarms_per_day__gt=0), name="monitor_design_asks"
            ),
        ]
        indexes = [models.Index(fields=["laboratory", "-asked_at"], name="monitor_design_list")]
