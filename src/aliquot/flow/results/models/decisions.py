"""Who looks at a result just now, and what a person decided and may still take back."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from aliquot.flow.orders.models import Order
from aliquot.registers.network.models import SiteScoped


class ResultClaim(SiteScoped):
    """Somebody looks at a result that waits: shown to others, over by itself, taken over by one key."""

    result_id = models.BigIntegerField(unique=True)
    by = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        db_table = "result_claim"
        indexes = [models.Index(fields=["by"], name="result_claim_by")]


class Decision(SiteScoped):
    """What a person decided about a result, and until when it may be taken back.

    While it is open nothing of a release leaves the house: no report, nothing computed from it.
    """

    class Kind(models.TextChoices):
        RELEASED = "released", _("released")
        REFUSED = "refused", _("refused")
        HELD = "held", _("kept waiting")

    result_id = models.BigIntegerField()  # of a table by month: written from its rows alone
    order = models.ForeignKey(Order, models.PROTECT, db_index=False, db_constraint=False)
    kind = models.TextField(choices=Kind.choices)
    was = models.JSONField(help_text="{state, reasons, decided_at} before")
    at = models.DateTimeField()
    by = models.TextField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    was_taken_back = models.BooleanField(default=False)

    class Meta:
        db_table = "decision"
        constraints = [
            models.UniqueConstraint(
                fields=["result_id"], condition=models.Q(ended_at__isnull=True), name="decision_open_once"
            )
        ]
        indexes = [
            models.Index(fields=["order"], name="decision_open", condition=models.Q(ended_at__isnull=True))
        ]
