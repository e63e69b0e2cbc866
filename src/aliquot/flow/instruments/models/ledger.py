"""The ledger of a line: bytes, messages, readings, indices of specimens, what was asked of an analyzer."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from aliquot.flow.instruments.models.analyzers import Analyzer
from aliquot.flow.specimens.models import Specimen
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site


class Traffic(models.Model):
    """A stretch of bytes as they went over a line, both ways, packed by rules/traffic.py. Only added."""

    laboratory = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, db_index=False)
    connection = models.TextField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    bytes_in = models.IntegerField()
    bytes_out = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        db_table = "traffic"
        indexes = [models.Index(fields=["analyzer", "-began_at"], name="traffic_latest")]


class Message(models.Model):
    """Bytes of an analyzer, kept before they were acknowledged. The content never changes."""

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        ASKED = "asked", _("asked, not answered")
        FILED = "filed", _("filed")
        ANSWERED = "answered", _("answered")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("taken by the analyzer")
        UNDELIVERED = "undelivered", _("not taken, is sent again")
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
    control_id = models.TextField(blank=True, default="", db_default="", help_text="H-3 or MSH-10")
    device_at = models.DateTimeField(null=True, help_text="by the analyzer's clock: H-14 or MSH-7")
    # kept by the same statement as the message, so that nothing is left to be checked
    traffic = models.ForeignKey(Traffic, models.PROTECT, null=True, db_index=False, db_constraint=False)
    request_id = models.BigIntegerField(null=True, help_text="the work request that this message carries")
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
                fields=["analyzer", "control_id", "id"],
                name="message_control_id",
                condition=~models.Q(control_id=""),
            ),
            models.Index(
                fields=["request_id"],
                name="message_of_request",
                condition=models.Q(request_id__isnull=False),
            ),
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

    class Stage(models.TextChoices):
        PARSED = "parsed", _("read")
        MAPPED = "mapped", _("its code has a meaning here")
        MATCHED = "matched", _("belongs to an ordered test")
        FILED = "filed", _("filed")

    message = models.ForeignKey(Message, models.PROTECT)
    # copies of what the message and the mapping say; the database checks them there
    laboratory = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, db_index=False, db_constraint=False)
    position = models.IntegerField()
    specimen_code = models.TextField(blank=True)
    code = models.TextField(blank=True)
    index = models.TextField(blank=True, default="", db_default="", help_text="H, I or L: of the specimen")
    value = models.TextField(blank=True)
    number = models.TextField(
        blank=True, default="", db_default="", help_text="the value as the driver understood it"
    )
    unit = models.TextField(blank=True)
    flags = ArrayField(models.TextField(), default=list)
    status = models.TextField(blank=True, default="")
    measured_at = models.DateTimeField(null=True)
    specimen = models.ForeignKey(Specimen, models.PROTECT, null=True, db_index=False)
    test = models.ForeignKey(Test, models.PROTECT, null=True, db_index=False, db_constraint=False)
    state = models.TextField(choices=State.choices)
    stage = models.TextField(choices=Stage.choices, default=Stage.PARSED, db_default=Stage.PARSED)
    is_replayed = models.BooleanField(
        default=False, db_default=False, help_text="read again later, and differently: a person decides"
    )
    reason = models.JSONField(default=list, help_text="why it waits: [{code, ...facts}]")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True, default="")
    decision_note = models.TextField(blank=True, default="")

    class Meta:
        db_table = "reading"
        indexes = [
            models.Index(fields=["id"], name="reading_to_match", condition=models.Q(state="received")),
            # the few that are left out of what is filed once
            models.Index(
                fields=["specimen"],
                name="reading_replayed",
                condition=models.Q(state="filed", is_replayed=True),
            ),
            models.Index(
                fields=["laboratory", "-id"],
                name="reading_quarantined",
                condition=models.Q(state="quarantined"),
            ),
            models.Index(
                fields=["laboratory", "-id"],
                name="reading_of_control",
                condition=models.Q(state="control", index=""),
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
                fields=["specimen", "test", "index", "analyzer", "value", "measured_at"],
                condition=models.Q(state="filed", is_replayed=False),
                nulls_distinct=False,
                name="reading_filed_once",
            )
        ]


class SpecimenIndex(models.Model):
    """How haemolytic, icteric or lipaemic an analyzer found a tube: no result of an order. Only added."""

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    specimen = models.ForeignKey(Specimen, models.PROTECT, related_name="indices", db_index=False)
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, related_name="+", db_index=False)
    reading = models.OneToOneField(Reading, models.PROTECT, related_name="filed_index")
    index = models.TextField(help_text="H, I or L")
    level = models.DecimalField(max_digits=20, decimal_places=6, help_text="in the unit of the rules")
    comparator = models.TextField(blank=True, default="")
    grade = models.TextField(help_text="as the analyzer said it")
    unit = models.TextField(help_text="of the level: g/L of free Hb, umol/L of bilirubin, g/L of Intralipid")
    measured_at = models.DateTimeField()
    is_pending = models.BooleanField(default=False, help_text="what waits for it is still to be decided")

    class Meta:
        db_table = "specimen_index"
        indexes = [
            models.Index(fields=["specimen", "index", "-measured_at"], name="specimen_index_newest"),
            models.Index(fields=["id"], name="specimen_index_pending", condition=models.Q(is_pending=True)),
            BrinIndex(
                fields=["measured_at"], name="specimen_index_by_time", pages_per_range=32, autosummarize=True
            ),
        ]


class WorkRequest(models.Model):
    """What an analyzer is to be told, or was told, about a tube: measure, also measure, again, or not."""

    class Kind(models.TextChoices):
        NEW = "new", _("measure")
        ADD = "add", _("measure as well")
        RERUN = "rerun", _("measure again")
        CANCEL = "cancel", _("do not measure")
        ANSWER = "answer", _("answer to its question")

    class State(models.TextChoices):
        NOTED = "noted", _("told when the analyzer asks")
        QUEUED = "queued", _("to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        ACCEPTED = "accepted", _("taken by the analyzer")
        REFUSED = "refused", _("refused by the analyzer")
        UNDELIVERED = "undelivered", _("could not be sent")
        WITHDRAWN = "withdrawn", _("no longer needed")

    laboratory = models.ForeignKey(
        Site, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, db_index=False)
    specimen = models.ForeignKey(Specimen, models.PROTECT, db_index=False)
    kind = models.TextField(choices=Kind.choices)
    codes = ArrayField(models.TextField(), default=list, help_text="the analyzer's codes; none: all it does")
    dilution = models.TextField(blank=True, default="")
    state = models.TextField(choices=State.choices, default=State.QUEUED)
    attempts = models.SmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    detail = models.TextField(blank=True, default="", help_text="why it was not taken")
    asked_at = models.DateTimeField()
    by = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "work_request"
        indexes = [
            models.Index(
                fields=["analyzer", "id"],
                name="work_request_to_send",
                condition=models.Q(state__in=["noted", "queued", "sending", "refused", "undelivered"]),
            ),
            models.Index(fields=["specimen", "analyzer"], name="work_request_of_tube"),
        ]
