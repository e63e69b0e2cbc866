"""Messages between nodes: the line to each other node, what waits to be sent, what came."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class NodeLine(models.Model):
    """The way of messages to and from one other node; its row is what serialises both directions."""

    peer = models.TextField(unique=True, help_text="the other node's code")
    address = models.TextField(
        blank=True, default="", help_text="where it takes messages; empty: not said yet"
    )
    stream = models.UUIDField(help_text="the run of numbers that is being sent")
    last_sequence = models.BigIntegerField(default=0, help_text="the last number given in this stream")
    attempts = models.IntegerField(default=0, help_text="tries in a row that failed")
    fault = models.TextField(blank=True, default="", help_text="code of what was wrong at the last try")
    fault_detail = models.TextField(blank=True, default="", help_text="in the words of the machine")
    tried_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)

    class Meta:
        db_table = "node_line"


class MessageOut(models.Model):
    """A message to another node, kept in the transaction of its cause; numbered when it is sent."""

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("of a message", "waits")
        SIGNED = "signed", pgettext_lazy("of a message", "on its way")
        KEPT = "kept", pgettext_lazy("of a message", "arrived")

    class Outcome(models.TextChoices):
        APPLIED = "applied", _("carried out there")
        REFUSED = "refused", _("refused there")

    line = models.ForeignKey(NodeLine, models.PROTECT, related_name="messages", db_index=False)
    uid = models.UUIDField(unique=True)
    kind = models.TextField()
    body = models.JSONField()
    cause = models.TextField(blank=True, default="", help_text="which row of ours asked for it")
    queued_at = models.DateTimeField()
    queued_by = models.TextField()
    state = models.TextField(choices=State.choices, default=State.QUEUED)
    stream = models.UUIDField(null=True)
    sequence = models.BigIntegerField(null=True)
    content = models.BinaryField(null=True, help_text="the bytes that are signed")
    key = models.TextField(blank=True, default="", help_text="the public half that signed")
    signature = models.TextField(blank=True, default="")
    kept_at = models.DateTimeField(null=True, help_text="when its receipt came")
    receipt = models.BinaryField(null=True)
    receipt_key = models.TextField(blank=True, default="")
    receipt_signature = models.TextField(blank=True, default="")
    outcome = models.TextField(blank=True, default="", choices=Outcome.choices)
    answer = models.JSONField(null=True, help_text="what the other node says became of it")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "node_message_out"
        constraints = [
            models.UniqueConstraint(fields=["line", "stream", "sequence"], name="node_message_out_number"),
            models.CheckConstraint(
                name="node_message_out_signed",
                condition=models.Q(state="queued")
                | models.Q(stream__isnull=False, sequence__isnull=False, content__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["line", "id"], name="node_message_out_queued", condition=models.Q(state="queued")
            ),
            models.Index(
                fields=["line", "sequence"],
                name="node_message_out_on_way",
                condition=models.Q(state="signed"),
            ),
            models.Index(fields=["line", "-queued_at"], name="node_message_out_lately"),
            models.Index(fields=["cause"], name="node_message_out_cause", condition=~models.Q(cause="")),
        ]


class MessageIn(models.Model):
    """A message of another node as it came, with the receipt that was given; the same ever after."""

    class State(models.TextChoices):
        KEPT = "kept", pgettext_lazy("of a message", "to be carried out")
        APPLIED = "applied", pgettext_lazy("of a message", "carried out")
        REFUSED = "refused", pgettext_lazy("of a message", "refused")

    line = models.ForeignKey(NodeLine, models.PROTECT, related_name="arrivals", db_index=False)
    uid = models.UUIDField()
    stream = models.UUIDField()
    sequence = models.BigIntegerField()
    kind = models.TextField()
    content = models.BinaryField()
    digest = models.TextField(help_text="SHA-256 of the bytes")
    key = models.TextField()
    signature = models.TextField()
    received_at = models.DateTimeField()
    receipt = models.BinaryField()
    receipt_key = models.TextField()
    receipt_signature = models.TextField()
    state = models.TextField(choices=State.choices, default=State.KEPT)
    settled_at = models.DateTimeField(null=True)
    outcome = models.JSONField(null=True, help_text="what was done, or why not")

    class Meta:
        db_table = "node_message_in"
        constraints = [
            # with the stream: a sender that began its count anew may send what it is not sure of once more
            models.UniqueConstraint(fields=["line", "uid", "stream"], name="node_message_in_once"),
            models.UniqueConstraint(fields=["line", "stream", "sequence"], name="node_message_in_number"),
        ]
        indexes = [
            models.Index(
                fields=["line", "id"], name="node_message_in_to_apply", condition=models.Q(state="kept")
            ),
            models.Index(fields=["line", "-received_at"], name="node_message_in_lately"),
        ]
