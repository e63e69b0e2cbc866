"""Tubes: planned, labelled, drawn, carried, accepted or rejected by test."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.specimens.rules.acceptance import findings_words
from aliquot.registers.catalogue.models import Container, RejectionReason, SpecimenType, Test
from aliquot.registers.network.models import Site, SiteScoped


class Specimen(SiteScoped):
    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        LABELLED = "labelled", _("labelled")
        COLLECTED = "collected", pgettext_lazy("of a tube", "collected")
        PACKED = "packed", _("packed")
        IN_TRANSIT = "in_transit", _("travelling")
        ARRIVED = "arrived", _("arrived")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")
        MISSING = "missing", _("missing")
        CANCELLED = "cancelled", _("cancelled")

    number = models.TextField(unique=True, help_text="the bar code")
    order = models.ForeignKey(Order, models.PROTECT, related_name="specimens")
    container = models.ForeignKey(Container, models.PROTECT, db_index=False)
    specimen_type = models.ForeignKey(SpecimenType, models.PROTECT, db_index=False)
    volume_ul = models.IntegerField()
    is_centrifuged = models.BooleanField(default=False, help_text="must be, before it is measured")
    state = models.TextField(choices=State.choices, default=State.PLANNED)
    custody_site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, db_index=False)
    labelled_at = models.DateTimeField(null=True)
    collected_at = models.DateTimeField(null=True)
    collected_by = models.TextField(blank=True, default="")
    spun_at = models.DateTimeField(null=True)
    lane = models.TextField(default="room", help_text="how it was last carried: room, cold or frozen")
    arrived_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    condition = models.JSONField(default=list, help_text="what reception saw: haemolysed, clotted, ...")

    class Meta:
        db_table = "specimen"
        indexes = [
            models.Index(
                fields=["replaces"], name="specimen_drawn_again", condition=models.Q(replaces__isnull=False)
            ),
            models.Index(
                fields=["custody_site", "state"],
                name="specimen_under_way",
                condition=models.Q(
                    state__in=[
                        "planned",
                        "labelled",
                        "collected",
                        "packed",
                        "in_transit",
                        "arrived",
                        "missing",
                    ]
                ),
            ),
        ]


class SpecimenTest(SiteScoped):
    """A test that this tube serves; rejection is by test, never by tube."""

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        HELD = "held", _("waits for a person")
        ACCEPTED = "accepted", _("accepted")
        MEASURED = "measured", _("measured")
        REFERRED = "referred", _("sent to another region")
        REJECTED = "rejected", _("rejected")
        CANCELLED = "cancelled", _("cancelled")

    specimen = models.ForeignKey(Specimen, models.PROTECT, related_name="tests", db_index=False)
    order_item = models.ForeignKey(OrderItem, models.PROTECT)
    test = models.ForeignKey(Test, models.PROTECT, db_index=False, db_constraint=False)
    state = models.TextField(choices=State.choices, default=State.PENDING)
    rejection_reason = models.ForeignKey(RejectionReason, models.PROTECT, null=True, db_index=False)
    rejection_note = models.TextField(blank=True, default="", help_text="as a person typed it")
    findings = models.JSONField(
        default=list,
        db_default=models.Value([], models.JSONField()),
        help_text="why the rule decided so: codes with values",
    )

    class Meta:
        db_table = "specimen_test"
        constraints = [models.UniqueConstraint(fields=["specimen", "test"], name="specimen_test_once")]
        indexes = [
            models.Index(
                fields=["laboratory"],
                name="specimen_test_to_decide",
                condition=models.Q(state__in=["held", "rejected"]),
            ),
            models.Index(
                fields=["laboratory", "id"],
                name="specimen_test_to_measure",
                condition=models.Q(state="accepted"),
            ),
        ]

    @property
    def note(self) -> str:
        """What the rule found and what a person typed, in the reader's language."""
        return " ".join(
            part for part in (findings_words(self.findings, gettext), self.rejection_note) if part
        )


class SpecimenEvent(SiteScoped):
    """One step of a tube's journey: what, when, where, who."""

    specimen = models.ForeignKey(Specimen, models.PROTECT, related_name="events")
    kind = models.TextField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.TextField()
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    detail = models.JSONField(default=dict)

    class Meta:
        db_table = "specimen_event"
        indexes = [
            # only added, in the order of time: a day is read without the others
            BrinIndex(
                fields=["recorded_at"], name="specimen_event_by_time", pages_per_range=32, autosummarize=True
            )
        ]
