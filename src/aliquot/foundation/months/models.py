"""What was put away: which months, into which files, and the chains' ends in them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ArchivedMonth(models.Model):
    """A month that is or was in a file instead of in the database."""

    class State(models.TextChoices):
        DETACHED = "detached", _("written and taken out, not yet removed")
        ARCHIVED = "archived", _("in the file alone")
        RESTORED = "restored", _("brought back")

    month = models.TextField(help_text="2025-03; first: from before ids had a month")
    state = models.TextField(choices=State.choices)
    file = models.TextField(help_text="its name; where it lies, who keeps it knows")
    folder = models.TextField(help_text="where it was written")
    digest = models.TextField(help_text="SHA-256 of the file")
    tables = models.JSONField(help_text="{table: {rows, sha256}}")
    schema = models.TextField(help_text="the last migration when it was written")
    archived_at = models.DateTimeField()
    archived_by = models.TextField()
    restored_at = models.DateTimeField(null=True)
    restored_by = models.TextField(blank=True, default="")

    class Meta:
        db_table = "archived_month"
        constraints = [
            models.UniqueConstraint(
                fields=["month"], name="archived_month_once", condition=~models.Q(state="restored")
            )
        ]


class ArchivedChain(models.Model):
    """An unbroken stretch of a chain of the audit in a month that was put away; the chain goes on from it."""

    archived = models.ForeignKey(ArchivedMonth, models.PROTECT, related_name="stretches")
    slot = models.IntegerField()
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    before_hash = models.BinaryField(help_text="of the block before the first")
    last_hash = models.BinaryField()

    class Meta:
        db_table = "archived_chain"
        indexes = [models.Index(fields=["slot", "last_seq"], name="archived_chain_end")]
