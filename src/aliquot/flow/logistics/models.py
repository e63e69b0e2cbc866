"""Boxes that carry tubes from site to site. A box names tubes by number only: a courier sees no patient."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from aliquot.registers.network.models import Site


class Box(models.Model):
    class State(models.TextChoices):
        OPEN = "open", _("being packed")
        CLOSED = "closed", _("ready for the courier")
        IN_TRANSIT = "in_transit", _("travelling")
        RECEIVED = "received", _("received")

    class Lane(models.TextChoices):
        ROOM = "room", "15-25 °C"
        COLD = "cold", "2-8 °C"
        FROZEN = "frozen", "≤ -20 °C"

    number = models.TextField(unique=True)
    origin = models.ForeignKey(Site, models.PROTECT, related_name="+")
    destination = models.ForeignKey(Site, models.PROTECT, related_name="+")
    lane = models.TextField(choices=Lane.choices, default=Lane.ROOM)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    courier = models.TextField(blank=True, default="")
    opened_at = models.DateTimeField()
    opened_by = models.TextField()
    closed_at = models.DateTimeField(null=True)
    picked_up_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True, help_text="when the courier left it at the door")
    received_at = models.DateTimeField(null=True)
    received_by = models.TextField(blank=True, default="")

    class Meta:
        db_table = "box"
        indexes = [models.Index(fields=["destination", "state"], name="box_destination")]


class BoxItem(models.Model):
    """A tube in a box: packed at one end, found, missing or extra at the other."""

    class Outcome(models.TextChoices):
        EXPECTED = "expected", _("expected")
        RECEIVED = "received", _("received")
        MISSING = "missing", _("missing")
        EXTRA = "extra", _("extra")

    box = models.ForeignKey(Box, models.PROTECT, related_name="items")
    number = models.TextField(help_text="the tube's bar code")
    outcome = models.TextField(choices=Outcome.choices, default=Outcome.EXPECTED)
    packed_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "box_item"
        constraints = [models.UniqueConstraint(fields=["box", "number"], name="box_item_once")]
        indexes = [models.Index(fields=["number"], name="box_item_number")]
