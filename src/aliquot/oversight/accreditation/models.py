"""Management reviews: what was looked at, decided, and followed up. ISO 15189:2022, 8.9."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from aliquot.registers.network.models import Site


class ManagementReview(models.Model):
    """A review of some months of a laboratory; signed, it stands as it was read."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("review", "being prepared")
        SIGNED = "signed", pgettext_lazy("review", "signed")

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    number = models.IntegerField(help_text="of the laboratory, from 1")
    since = models.DateField(help_text="the first day of the first month")
    until = models.DateField(help_text="the first day after the last month")
    held_on = models.DateField()
    participants = models.TextField(help_text="who took part, with their functions")
    state = models.TextField(choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    opened_by = models.TextField()
    conclusion = models.TextField(blank=True, default="")
    content = models.TextField(blank=True, default="", help_text="all that was signed, as JSON")
    digest = models.TextField(blank=True, default="", help_text="SHA-256 of the content")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.TextField(blank=True, default="")
    signed_name = models.TextField(blank=True, default="")

    class Meta:
        db_table = "management_review"
        constraints = [
            models.UniqueConstraint(fields=["laboratory", "number"], name="management_review_once"),
            models.UniqueConstraint(
                fields=["laboratory"], condition=Q(state="open"), name="management_review_one_open"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="management_review_forward"),
            models.CheckConstraint(
                condition=(Q(state="signed") & Q(signed_at__isnull=False) & ~Q(digest="") & ~Q(conclusion=""))
                | (Q(state="open") & Q(signed_at__isnull=True) & Q(digest="")),
                name="management_review_signed",
            ),
        ]


class ReviewEntry(models.Model):
    """What people add to a review: a remark on an input, a decision, an action with owner and day."""

    class Kind(models.TextChoices):
        REMARK = "remark", pgettext_lazy("review", "remark")
        DECISION = "decision", pgettext_lazy("review", "decision")
        ACTION = "action", pgettext_lazy("review", "action")

    review = models.ForeignKey(ManagementReview, models.PROTECT, related_name="entries")
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    letter = models.TextField(help_text="the input of 8.9.2 that it is about")
    kind = models.TextField(choices=Kind.choices)
    what = models.TextField()
    owner = models.TextField(blank=True, default="", help_text="the person's key, of an action")
    due_on = models.DateField(null=True)
    at = models.DateTimeField()
    by = models.TextField()
    done_at = models.DateTimeField(null=True)
    done_by = models.TextField(blank=True, default="")
    done_note = models.TextField(blank=True, default="")

    class Meta:
        db_table = "management_review_entry"
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="action") & ~Q(owner="") & Q(due_on__isnull=False))
                | (~Q(kind="action") & Q(owner="") & Q(due_on__isnull=True) & Q(done_at__isnull=True)),
                name="management_review_entry_owned",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | (~Q(done_by="") & ~Q(done_note="")),
                name="management_review_entry_done_with_words",
            ),
        ]
        indexes = [
            models.Index(
                fields=["laboratory", "due_on"],
                name="management_review_entry_open",
                condition=Q(kind="action", done_at__isnull=True),
            )
        ]


class ReviewDocument(models.Model):
    """The signed minutes as a PDF, in one language."""

    review = models.ForeignKey(ManagementReview, models.PROTECT, related_name="documents", db_index=False)
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    language = models.TextField()
    content = models.BinaryField()
    digest = models.TextField(help_text="SHA-256 of the content")

    class Meta:
        db_table = "management_review_document"
        constraints = [
            models.UniqueConstraint(fields=["review", "language"], name="management_review_document_once")
        ]
