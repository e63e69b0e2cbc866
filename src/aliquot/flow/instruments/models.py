"""Analyzers, the bytes they sent, and the readings found in them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from aliquot.flow.specimens.models import Specimen
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Bench, Site


class Analyzer(models.Model):
    """A device on a line; it is known by its connection, its own name is only a check."""

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+")
    bench = models.ForeignKey(Bench, models.PROTECT)
    code = models.TextField(unique=True)
    name = models.TextField()
    driver = models.TextField(help_text="folder name below drivers/")
    serial = models.TextField(blank=True, default="")
    listen_port = models.IntegerField(unique=True)
    time_zone = models.TextField(default="Europe/Moscow")
    is_active = models.BooleanField(default=True)
    has_qc_plan = models.BooleanField(default=False)
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


class Message(models.Model):
    """Bytes of an analyzer, kept before they were acknowledged. The content never changes."""

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        ASKED = "asked", _("asked, not answered")
        FILED = "filed", _("filed")
        ANSWERED = "answered", _("answered")
        SENT = "sent", _("sent")
        DUPLICATE = "duplicate", _("repeated by the analyzer")
        QUARANTINED = "quarantined", _("waits for a person")
        DISMISSED = "dismissed", _("dismissed by a person")

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, db_index=False)
    is_outgoing = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    connection = models.TextField()
    content = models.BinaryField()
    digest = models.BinaryField(help_text="SHA-256 of the content")
    state = models.TextField(choices=State.choices, default=State.RECEIVED)
    problems = models.JSONField(default=list)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True, default="")

    class Meta:
        db_table = "message"
        indexes = [
            models.Index(fields=["id"], name="message_to_read", condition=models.Q(state="received")),
            models.Index(
                fields=["laboratory", "-received_at"],
                name="message_quarantined",
                condition=models.Q(state="quarantined"),
            ),
            models.Index(
                fields=["analyzer", "digest"], name="message_digest", condition=models.Q(is_outgoing=False)
            ),
            models.Index(fields=["analyzer", "-received_at"], name="message_latest"),
            models.Index(
                fields=["laboratory", "-decided_at"],
                name="message_decided",
                condition=models.Q(decided_at__isnull=False),
            ),
        ]


class Reading(models.Model):
    """One line of what an analyzer said: kept as it was said, with what became of it."""

    class State(models.TextChoices):
        RECEIVED = "received", _("to be matched again")
        FILED = "filed", _("filed")
        CONTROL = "control", _("control material")
        KEPT = "kept", _("kept, not reported")
        DUPLICATE = "duplicate", _("repeated by the analyzer")
        QUARANTINED = "quarantined", _("waits for a person")
        DISMISSED = "dismissed", _("dismissed by a person")

    message = models.ForeignKey(Message, models.PROTECT)
    # copies of what the message and the mapping say; the database checks them there
    laboratory = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, db_index=False, db_constraint=False)
    position = models.IntegerField()
    specimen_code = models.TextField(blank=True)
    code = models.TextField(blank=True)
    value = models.TextField(blank=True)
    unit = models.TextField(blank=True)
    flags = ArrayField(models.TextField(), default=list)
    status = models.TextField(blank=True, default="")
    measured_at = models.DateTimeField(null=True)
    specimen = models.ForeignKey(Specimen, models.PROTECT, null=True, db_index=False)
    test = models.ForeignKey(Test, models.PROTECT, null=True, db_index=False, db_constraint=False)
    state = models.TextField(choices=State.choices)
    reason = models.JSONField(default=list, help_text="why it waits: [{code, ...facts}]")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True, default="")
    decision_note = models.TextField(blank=True, default="")

    class Meta:
        db_table = "reading"
        indexes = [
            models.Index(fields=["id"], name="reading_to_match", condition=models.Q(state="received")),
            models.Index(
                fields=["laboratory", "-id"],
                name="reading_quarantined",
                condition=models.Q(state="quarantined"),
            ),
            models.Index(
                fields=["laboratory", "-decided_at"],
                name="reading_decided",
                condition=models.Q(decided_at__isnull=False),
            ),
        ]
        constraints = [
            # what an analyzer repeats is filed once, whichever worker reads it; another value is a rerun
            models.UniqueConstraint(
                fields=["specimen", "test", "analyzer", "value", "measured_at"],
                condition=models.Q(state="filed"),
                nulls_distinct=False,
                name="reading_filed_once",
            )
        ]
