"""Orders and the tests they ask for."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site, SiteScoped
from aliquot.registers.patients.models import Patient


class Urgency(models.TextChoices):
    ROUTINE = "R", _("routine")
    STAT = "S", _("urgent")


class Order(SiteScoped):
    class State(models.TextChoices):
        PLACED = "placed", _("placed")
        COMPLETED = "completed", _("completed")
        CANCELLED = "cancelled", _("cancelled")

    ordering_site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    number = models.TextField(unique=True)
    patient = models.ForeignKey(Patient, models.PROTECT)
    urgency = models.TextField(choices=Urgency.choices, default=Urgency.ROUTINE)
    state = models.TextField(choices=State.choices, default=State.PLACED)
    requester = models.TextField(help_text="the ordering physician")
    ward = models.TextField(blank=True, default="")
    diagnosis = models.TextField(blank=True, default="", help_text="ICD-10")
    is_pregnant = models.BooleanField(null=True)
    note = models.TextField(blank=True, default="")
    external_system = models.TextField(blank=True, default="")
    external_number = models.TextField(blank=True, default="")
    placed_at = models.DateTimeField()
    placed_by = models.TextField()
    completed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.TextField(blank=True, default="")

    class Meta:
        db_table = "lab_order"
        indexes = [
            models.Index(fields=["ordering_site", "-placed_at"], name="lab_order_site"),
            models.Index(fields=["laboratory", "-placed_at"], name="lab_order_laboratory"),
            models.Index(fields=["patient", "-placed_at"], name="lab_order_patient"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["ordering_site", "external_system", "external_number"],
                condition=~models.Q(external_number=""),
                name="lab_order_external_once",
            )
        ]


class OrderItem(SiteScoped):
    """One test of an order; `panel` says which panel brought it."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("of a test", "open")
        REPORTED = "reported", _("reported")
        CANCELLED = "cancelled", _("cancelled")
        NOT_PERFORMED = "not_performed", _("not performed")

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="items", db_index=False
    )  # see the constraint
    test = models.ForeignKey(Test, models.PROTECT, db_index=False)
    panel = models.TextField(blank=True, default="")
    position = models.SmallIntegerField()
    state = models.TextField(choices=State.choices, default=State.OPEN)
    state_reason = models.TextField(blank=True, default="")
    # set by the database with the release; it refuses a second one
    result_id = models.BigIntegerField(
        null=True, help_text="the released one; its id says in which month to look"
    )
    is_billable = models.BooleanField(
        default=True, db_default=True, help_text="charged once, however often measured"
    )
    added_by = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="what added it: a rule's code, a person's key, or needed:CODE of a computed test",
    )
    state_facts = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text="the reason as code and values, to be said in the reader's language",
    )

    class Meta:
        db_table = "order_item"
        constraints = [models.UniqueConstraint(fields=["order", "test"], name="order_item_once")]
