"""Analyzers: what they measure, how their lines do, what people changed or stopped."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Bench, Site


class Analyzer(models.Model):
    """A device on a line; it is known by its connection, its own name is only a check."""

    class Transport(models.TextChoices):
        LISTEN = "listen", _("the analyzer calls us (TCP)")
        DIAL = "dial", _("we call the analyzer (TCP)")
        SERIAL = "serial", _("serial line")
        FOLDER = "folder", _("files in a folder")

    class QueryPolicy(models.TextChoices):
        ANSWER = "answer", _("answered when the analyzer asks")
        PRELOAD = "preload", _("sent when the tube is accepted")
        BOTH = "both", _("sent when the tube is accepted, and answered")

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+")
    bench = models.ForeignKey(Bench, models.PROTECT)
    code = models.TextField(unique=True)
    name = models.TextField()
    driver = models.TextField(help_text="folder name below drivers/")
    serial = models.TextField(blank=True, default="")
    transport = models.TextField(
        choices=Transport.choices, default=Transport.LISTEN, db_default=Transport.LISTEN
    )
    listen_port = models.IntegerField(unique=True, null=True, help_text="when the analyzer calls us")
    address = models.TextField(
        blank=True, default="", db_default="", help_text="host:port, serial port or folder"
    )
    order_address = models.TextField(
        blank=True, default="", db_default="", help_text="host:port of a second connection for orders"
    )
    query_policy = models.TextField(
        choices=QueryPolicy.choices, default=QueryPolicy.ANSWER, db_default=QueryPolicy.ANSWER
    )
    time_zone = models.TextField(default="Europe/Moscow")
    is_active = models.BooleanField(default=True)
    has_qc_plan = models.BooleanField(default=False)
    # a copy: the database sets it with its suspension
    is_suspended = models.BooleanField(default=False, help_text="its results wait for a person")

    class Meta:
        db_table = "analyzer"

    def __str__(self) -> str:
        return self.name


class TestMapping(models.Model):
    """What a code of this analyzer means in the catalogue; an unmapped code is quarantined."""

    __test__ = False

    analyzer = models.ForeignKey(Analyzer, models.PROTECT, related_name="mappings")
    code = models.TextField()
    test = models.ForeignKey(Test, models.PROTECT)
    unit = models.TextField(blank=True, default="", help_text="UCUM, as the driver reads it")
    factor = models.DecimalField(max_digits=18, decimal_places=9, default=1)
    source = models.TextField(blank=True, default="")

    class Meta:
        db_table = "test_mapping"
        constraints = [models.UniqueConstraint(fields=["analyzer", "code"], name="test_mapping_once")]


class Adaptation(models.Model):
    """What one word of this analyzer means here, beyond what its driver knows: mapped from what arrived."""

    class Kind(models.TextChoices):
        UNIT = "unit", _("unit")
        FLAG = "flag", _("flag")
        ASPECT = "aspect", _("aspect")
        STATUS = "status", _("status")
        SENDER = "sender", _("sender")
        INDEX = "index", _("index of the specimen")

    analyzer = models.ForeignKey(Analyzer, models.PROTECT, related_name="adaptations", db_index=False)
    kind = models.TextField(choices=Kind.choices)
    term = models.TextField(help_text="as the analyzer sends it")
    meaning = models.TextField(blank=True, default="", help_text="in the driver's words; UCUM for a unit")
    factor = models.DecimalField(
        max_digits=30, decimal_places=15, null=True, help_text="of a unit or index: it multiplies the value"
    )
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.TextField()

    class Meta:
        db_table = "driver_adaptation"
        constraints = [
            models.UniqueConstraint(fields=["analyzer", "kind", "term"], name="driver_adaptation_once")
        ]


class Stop(models.Model):
    """What a person switched off, and why, until a person switched it on again; open without `ended_at`."""

    reason = models.TextField()
    since = models.DateTimeField()
    by = models.TextField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True, default="")
    end_reason = models.TextField(blank=True, default="")

    class Meta:
        abstract = True


class DriverStop(Stop):
    """From when to when nothing that analyzers of a model send is read; it goes on being kept."""

    model = models.TextField(help_text="folder name below drivers/")

    class Meta:
        db_table = "driver_stop"
        constraints = [
            models.UniqueConstraint(
                fields=["model"], condition=models.Q(ended_at__isnull=True), name="driver_stop_once"
            )
        ]


class LineState(models.Model):
    """What the line of an analyzer is doing now, as the process that holds it says; counts since it began."""

    class State(models.TextChoices):
        LISTENING = "listening", _("waits for the analyzer")
        CONNECTED = "connected", pgettext_lazy("of a line", "connected")
        RECONNECTING = "reconnecting", _("calls the analyzer again")
        FAILED = "failed", _("cannot be opened")
        CLOSED = "closed", pgettext_lazy("of a line", "closed")

    analyzer = models.OneToOneField(Analyzer, models.PROTECT, primary_key=True, related_name="line")
    laboratory = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    state = models.TextField(choices=State.choices, default=State.LISTENING)
    state_since = models.DateTimeField()
    updated_at = models.DateTimeField()
    process_since = models.DateTimeField(help_text="the counts begin here")
    connected_since = models.DateTimeField(null=True)
    last_byte_at = models.DateTimeField(null=True)
    last_message_at = models.DateTimeField(null=True)
    frames_accepted = models.BigIntegerField(default=0)
    frames_refused = models.BigIntegerField(default=0)
    frames_repeated = models.BigIntegerField(default=0)
    sessions = models.BigIntegerField(default=0)
    reconnects = models.BigIntegerField(default=0)
    messages = models.BigIntegerField(default=0)
    bytes_in = models.BigIntegerField(default=0)
    bytes_out = models.BigIntegerField(default=0)
    window_since = models.DateTimeField(help_text="the recent share of refused frames is counted from here")
    window_accepted = models.BigIntegerField(default=0)
    window_refused = models.BigIntegerField(default=0)
    clock_skew_seconds = models.FloatField(null=True, help_text="the device's clock minus ours")
    last_error = models.TextField(blank=True, default="")
    last_error_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "line_state"
