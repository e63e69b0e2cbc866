"""The register of risks: what may go wrong at a step, how great the harm, what stands against it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aliquot.oversight.improvement.rules.risks import Rating
from aliquot.registers.network.models import Site


class Severity(models.IntegerChoices):
    """Of the harm to a patient."""

    NEGLIGIBLE = 1, _("no harm, inconvenience at most")
    MINOR = 2, _("passing, without treatment")
    SERIOUS = 3, _("needs treatment")
    CRITICAL = 4, _("lasting or life-threatening")
    CATASTROPHIC = 5, _("death")


class Probability(models.IntegerChoices):
    """That it happens and harms."""

    IMPROBABLE = 1, _("hardly ever")
    REMOTE = 2, _("once in years")
    OCCASIONAL = 3, _("once in months")
    PROBABLE = 4, _("once in weeks")
    FREQUENT = 5, _("every day")


def is_a_step(*names: str) -> models.Q:
    """The condition that these columns hold 1 to 5."""
    condition = models.Q()
    for name in names:
        condition &= models.Q(**{f"{name}__gte": 1, f"{name}__lte": 5}) | models.Q(
            **{f"{name}__isnull": True}
        )
    return condition


class Risk(models.Model):
    """One hazard at one step of the process; ratings and controls stay when they are replaced."""

    class ProcessStep(models.TextChoices):
        ORDER = "order", _("ordering")
        COLLECTION = "collection", _("collection of specimens")
        TRANSPORT = "transport", _("transport")
        RECEPTION = "reception", _("reception")
        EXAMINATION = "examination", _("examination")
        VERIFICATION = "verification", _("verification and release")
        REPORT = "report", _("report and critical values")
        STORAGE = "storage", _("storage of specimens")
        SYSTEM = "system", _("information system")
        STAFF = "staff", _("people, rooms, supplies")

    class State(models.TextChoices):
        OPEN = "open", _("to be reduced")
        ACCEPTED = "accepted", pgettext_lazy("of a risk", "accepted")
        RETIRED = "retired", _("no longer there")

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    step = models.TextField(choices=ProcessStep.choices)
    hazard = models.TextField(help_text="what may go wrong")
    harm = models.TextField(help_text="what it may do to a patient")
    severity = models.SmallIntegerField(choices=Severity.choices)
    probability = models.SmallIntegerField(choices=Probability.choices)
    severity_after = models.SmallIntegerField(choices=Severity.choices, null=True)
    probability_after = models.SmallIntegerField(choices=Probability.choices, null=True)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    review_on = models.DateField()
    entered_at = models.DateTimeField()
    entered_by = models.TextField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True, default="")
    decision = models.TextField(blank=True, default="", help_text="why it is accepted, or no longer there")

    class Meta:
        db_table = "risk"
        constraints = [
            models.CheckConstraint(
                condition=is_a_step("severity", "probability", "severity_after", "probability_after"),
                name="risk_rated_one_to_five",
            ),
            models.CheckConstraint(
                condition=models.Q(severity_after__isnull=True, probability_after__isnull=True)
                | models.Q(severity_after__isnull=False, probability_after__isnull=False),
                name="risk_rated_after_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="accepted")
                | (models.Q(severity_after__isnull=False, decided_at__isnull=False) & ~models.Q(decision="")),
                name="risk_accepted_with_words",
            ),
        ]
        indexes = [models.Index(fields=["laboratory", "state"], name="risk_of_laboratory")]

    @property
    def before(self) -> Rating:
        return Rating(self.severity, self.probability)

    @property
    def after(self) -> Rating | None:
        """None until somebody rated what is left of it."""
        if self.severity_after is None or self.probability_after is None:
            return None
        return Rating(self.severity_after, self.probability_after)


class RiskControl(models.Model):
    """Something that stands against a risk: a rule of the program, a document, a habit of the bench."""

    risk = models.ForeignKey(Risk, models.PROTECT, related_name="controls")
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    what = models.TextField()
    reference = models.TextField(
        blank=True, default="", help_text="the rule's place, or the document's number"
    )
    added_at = models.DateTimeField()
    added_by = models.TextField()

    class Meta:
        db_table = "risk_control"


class RiskRating(models.Model):
    """One rating or review of a risk; only added."""

    risk = models.ForeignKey(Risk, models.PROTECT, related_name="ratings")
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    severity = models.SmallIntegerField(choices=Severity.choices)
    probability = models.SmallIntegerField(choices=Probability.choices)
    is_after = models.BooleanField(help_text="with what controls it")
    note = models.TextField()
    at = models.DateTimeField()
    by = models.TextField()

    class Meta:
        db_table = "risk_rating"
        constraints = [
            models.CheckConstraint(
                condition=is_a_step("severity", "probability"), name="risk_rating_one_to_five"
            )
        ]
