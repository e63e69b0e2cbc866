"""Changes of the operator as they are planned and approved, and what each changed of the records."""

from django.db import models
from django.utils.translation import pgettext_lazy

from aliquot.registers.network.models import Contract, Operation, Organisation, Site


class OperatorChange(models.Model):
    """From a moment on an organisation operates these sites; without a contract: whom they belong to."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("of a change", "planned")
        APPROVED = "approved", pgettext_lazy("of a change", "approved")
        WITHDRAWN = "withdrawn", pgettext_lazy("of a change", "withdrawn")

    contract = models.ForeignKey(Contract, models.PROTECT, null=True, related_name="+", db_index=False)
    operator = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", db_index=False)
    on = models.DateTimeField(help_text="the first moment of the new operator")
    reason = models.TextField()
    state = models.TextField(choices=State.choices, default=State.PLANNED)
    effect = models.JSONField(default=dict, help_text="what the approver was shown that it changes")
    planned_at = models.DateTimeField()
    planned_by = models.TextField()
    approved_at = models.DateTimeField(null=True)
    approved_by = models.TextField(blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.TextField(blank=True, default="")
    withdrawn_why = models.TextField(blank=True, default="")

    class Meta:
        db_table = "operator_change"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(approved_by=models.F("planned_by")), name="operator_change_by_two"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="approved") | models.Q(approved_at__isnull=False),
                name="operator_change_approved",
            ),
            # nothing of the past is approved: what happened until then would belong to somebody else
            models.CheckConstraint(
                condition=models.Q(approved_at=None) | models.Q(approved_at__lt=models.F("on")),
                name="operator_change_ahead",
            ),
        ]


class OperatorChangeSite(models.Model):
    """A site of a change; which operation it ended, and when that would have ended without it."""

    change = models.ForeignKey(OperatorChange, models.PROTECT, related_name="parts")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    ended = models.ForeignKey(Operation, models.PROTECT, null=True, related_name="+", db_index=False)
    would_end = models.DateTimeField(null=True)

    class Meta:
        db_table = "operator_change_site"
        constraints = [models.UniqueConstraint(fields=["change", "site"], name="operator_change_site_once")]
