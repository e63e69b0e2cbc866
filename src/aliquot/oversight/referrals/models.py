"""Laboratories of other regions that work for ours, or ours for them; tubes that went or came."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aliquot.flow.orders.models import Order
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.naming import is_russian
from aliquot.registers.network.models import Site


class Partner(models.Model):
    """An agreement with another region's laboratory, dated; `site` stands for it in our registers."""

    peer = models.TextField(help_text="code of the node")
    site = models.OneToOneField(Site, models.PROTECT, related_name="+")
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", help_text="ours")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text="of surge help: when it ends")
    agreed_by = models.TextField()

    class Meta:
        db_table = "referral_partner"
        constraints = [
            models.UniqueConstraint(fields=["peer", "laboratory"], name="referral_partner_once"),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gt=models.F("since")),
                name="referral_partner_forward",
            ),
        ]


class Referral(models.Model):
    """Tests from one tube, asked of another region's laboratory, or by one of ours."""

    class Direction(models.TextChoices):
        OUT = "out", _("sent there")
        IN = "in", _("came from there")

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("of a referral", "asked")
        TAKEN = "taken", pgettext_lazy("of a referral", "taken there")
        REFUSED = "refused", pgettext_lazy("of a referral", "refused there")
        REPORTED = "reported", pgettext_lazy("of a referral", "results came")

    uid = models.UUIDField(help_text="the same at both ends")
    direction = models.TextField(choices=Direction.choices)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="referrals")
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="referrals")
    specimen = models.ForeignKey(Specimen, models.PROTECT, related_name="referrals", db_index=False)
    tests = ArrayField(models.TextField(), help_text="codes of the shared catalogue")
    state = models.TextField(choices=State.choices, default=State.ASKED)
    version = models.IntegerField(default=0, help_text="the last version of results that was sent or filed")
    asked_at = models.DateTimeField()
    asked_by = models.TextField()
    said = models.JSONField(null=True, help_text="why it was refused there")

    class Meta:
        db_table = "referral"
        constraints = [models.UniqueConstraint(fields=["uid", "direction"], name="referral_once")]
        indexes = [models.Index(fields=["laboratory", "-asked_at"], name="referral_lately")]

    @property
    def refusal(self) -> str:
        """Why it was refused there, in the reader's language."""
        said = self.said or {}
        return str((said.get("ru") if is_russian() else "") or said.get("en", ""))
