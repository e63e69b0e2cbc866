"""Documents of other systems, kept as they came before they are acknowledged."""

from django.db import models

from aliquot.flow.orders.models import Order
from aliquot.registers.network.models import Site


class InboundDocument(models.Model):
    class State(models.TextChoices):
        KEPT = "kept"
        APPLIED = "applied"
        REFUSED = "refused"

    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    kind = models.TextField()
    received_at = models.DateTimeField()
    received_from = models.TextField()
    content = models.BinaryField()
    digest = models.BinaryField()
    state = models.TextField(choices=State.choices, default=State.KEPT)
    outcome = models.JSONField(default=dict)
    order = models.ForeignKey(Order, models.PROTECT, null=True, db_index=False)

    class Meta:
        db_table = "inbound_document"
        indexes = [models.Index(fields=["site", "-received_at"], name="inbound_document_site")]
