"""Rounds of external assessment: samples, items, assigned values, receipt, results, scores, failures.

Every row bears the organiser (the laboratory that runs the round, or coordinates a provider's) and, where it
is of one participant, that laboratory: by these two it is seen. ISO 15189:2022, 7.3.7.3; ISO/IEC 17043.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.specimens.models import Specimen
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site


class ProficiencyRound(models.Model):
    """One distribution of samples, of a provider or of our own, until it is evaluated."""

    class Kind(models.TextChoices):
        PROVIDER = "provider", _("of a provider")
        OWN = "own", _("of our own")

    class State(models.TextChoices):
        OPEN = "open", _("running")
        CLOSED = "closed", _("evaluated")
        CANCELLED = "cancelled", _("given up")

    organiser = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField(choices=Kind.choices)
    code = models.TextField(help_text="as the provider calls it, or our own number")
    scheme = models.TextField(blank=True, default="", help_text="what the round is a part of, over years")
    provider = models.TextField(blank=True, default="", help_text="empty: our own")
    state = models.TextField(choices=State.choices, default=State.OPEN)
    submit_by = models.DateTimeField()
    needed_percent = models.DecimalField(max_digits=5, decimal_places=2, default=80)
    opened_at = models.DateTimeField()
    opened_by = models.TextField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="", help_text="why it was given up, or what to know of it")

    class Meta:
        db_table = "eqa_round"
        constraints = [
            models.UniqueConstraint(fields=["organiser", "code"], name="eqa_round_once"),
            models.CheckConstraint(
                condition=models.Q(state="open") | models.Q(closed_at__isnull=False),
                name="eqa_round_closed_when",
            ),
        ]
        indexes = [models.Index(fields=["organiser", "-opened_at"], name="eqa_round_list")]


class Participation(models.Model):
    """A laboratory in a round, under the number that others know it by; how it did, once evaluated."""

    round = models.ForeignKey(ProficiencyRound, models.PROTECT, related_name="participations", db_index=False)
    organiser = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    code = models.TextField(help_text="the participant's number in the round")
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.TextField(blank=True, default="")
    score_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    is_satisfactory = models.BooleanField(null=True)

    class Meta:
        db_table = "eqa_participation"
        constraints = [
            models.UniqueConstraint(fields=["round", "laboratory"], name="eqa_participation_once"),
            models.UniqueConstraint(fields=["round", "code"], name="eqa_participation_code"),
        ]
        indexes = [models.Index(fields=["laboratory", "round"], name="eqa_participation_of")]


class ProficiencySample(models.Model):
    """One material of a round; every participant has a portion of it."""

    round = models.ForeignKey(ProficiencyRound, models.PROTECT, related_name="samples", db_index=False)
    organiser = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    code = models.TextField()
    material = models.TextField(blank=True, default="", help_text="lyophilised serum, pooled plasma ...")

    class Meta:
        db_table = "eqa_sample"
        constraints = [models.UniqueConstraint(fields=["round", "code"], name="eqa_sample_once")]


class ProficiencyItem(models.Model):
    """One test of a sample: what is measured, in which unit, or on which scale of words."""

    round = models.ForeignKey(ProficiencyRound, models.PROTECT, related_name="items", db_index=False)
    sample = models.ForeignKey(ProficiencySample, models.PROTECT, related_name="items", db_index=False)
    organiser = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    test = models.ForeignKey(Test, models.PROTECT, related_name="+", db_index=False)
    unit = models.TextField(blank=True, default="", help_text="UCUM; empty: without, or words")
    is_quantitative = models.BooleanField(default=True)
    grades = ArrayField(models.TextField(), default=list, help_text="the scale of words, the least first")

    class Meta:
        db_table = "eqa_item"
        constraints = [models.UniqueConstraint(fields=["sample", "test"], name="eqa_item_once")]
        indexes = [
            models.Index(fields=["round"], name="eqa_item_of_round"),
            models.Index(fields=["test", "round"], name="eqa_item_of_test"),
        ]


class ProficiencyTarget(models.Model):
    """How an item is judged and, once evaluated, what came out of it. Participants see it only then."""

    item = models.OneToOneField(ProficiencyItem, models.PROTECT, related_name="target")
    round = models.ForeignKey(ProficiencyRound, models.PROTECT, related_name="+", db_index=False)
    organiser = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    basis = models.TextField(default="consensus", help_text="where the assigned value comes from")
    assigned = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    u_assigned = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    sigma = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    limit = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    limit_percent = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    expected = models.TextField(blank=True, default="", help_text="the expected word")
    allowed_grades = models.SmallIntegerField(default=0)
    is_grouped = models.BooleanField(default=False, help_text="each method is judged by its own results")
    at_least = models.SmallIntegerField(default=12, help_text="results that a consensus needs")
    estimator = models.TextField(default="algorithm_a")
    # what came out
    x_pt = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    u_x_pt = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    sigma_pt = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    allowed = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    mean = models.DecimalField(max_digits=18, decimal_places=6, null=True, help_text="robust, of all results")
    s_star = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    count = models.IntegerField(null=True)
    reasons = ArrayField(models.TextField(), default=list, help_text="why it could not be judged as asked")

    class Meta:
        db_table = "eqa_target"
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(sigma__isnull=True) | models.Q(sigma__gt=0))
                & (models.Q(limit__isnull=True) | models.Q(limit__gt=0))
                & (models.Q(limit_percent__isnull=True) | models.Q(limit_percent__gt=0)),
                name="eqa_target_positive",
            )
        ]


class MaterialCheck(models.Model):
    """A check of an item's material before or after it was sent, with what was measured."""

    class Kind(models.TextChoices):
        HOMOGENEITY = "homogeneity", _("homogeneity")
        STABILITY = "stability", _("stability")

    item = models.ForeignKey(ProficiencyItem, models.PROTECT, related_name="checks")
    organiser = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField(choices=Kind.choices)
    values = models.JSONField(help_text="as measured: of each sample, or before and after")
    is_passed = models.BooleanField()
    s_between = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    verdict = models.JSONField(help_text="the figures of the rule")
    at = models.DateTimeField()
    by = models.TextField()

    class Meta:
        db_table = "eqa_material_check"


class PlannedRound(models.Model):
    """A round that a laboratory expects: when its samples come, by when results are due; then the round.

    ISO 15189:2022, 7.3.7.3 a: participation is planned for what the laboratory measures.
    """

    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    scheme = models.TextField()
    provider = models.TextField(blank=True, default="", help_text="empty: our own")
    code = models.TextField(blank=True, default="", help_text="its number, where it is known before")
    tests = ArrayField(models.TextField(), help_text="codes of the tests in it")
    samples_on = models.DateField(help_text="when the samples are sent or expected")
    due_on = models.DateField(help_text="the last day for results")
    round = models.OneToOneField(
        ProficiencyRound, models.PROTECT, null=True, related_name="planned", help_text="what it became"
    )
    dropped_why = models.TextField(blank=True, default="", help_text="why it is not to be expected any more")
    planned_at = models.DateTimeField()
    planned_by = models.TextField()

    class Meta:
        db_table = "eqa_planned"
        constraints = [
            models.UniqueConstraint(
                fields=["laboratory", "scheme", "samples_on"],
                condition=models.Q(dropped_why=""),
                name="eqa_planned_once",
            ),
            models.CheckConstraint(
                condition=models.Q(due_on__gte=models.F("samples_on")), name="eqa_planned_dates"
            ),
        ]
        indexes = [models.Index(fields=["laboratory", "samples_on"], name="eqa_planned_list")]


class SampleReceipt(models.Model):
    """A participant's portion of a sample as it came, and the tube it was taken in as."""

    class Condition(models.TextChoices):
        GOOD = "good", _("in order")
        WARM = "warm", _("too warm")
        FROZEN = "frozen", _("came frozen")
        LEAKING = "leaking", _("leaking")
        INSUFFICIENT = "insufficient", _("too little")
        DAMAGED = "damaged", _("damaged")
        MISSING = "missing", _("not in the parcel")

    sample = models.ForeignKey(ProficiencySample, models.PROTECT, related_name="receipts", db_index=False)
    organiser = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    condition = models.TextField(choices=Condition.choices)
    note = models.TextField(blank=True, default="")
    specimen = models.ForeignKey(Specimen, models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField()
    received_by = models.TextField()

    class Meta:
        db_table = "eqa_receipt"
        constraints = [models.UniqueConstraint(fields=["sample", "laboratory"], name="eqa_receipt_once")]


class ProficiencyResult(models.Model):
    """What a participant returns for an item; it may change until it is submitted, the audit keeps how.

    One is returned; what further analyzers of the laboratory measured in the same sample stands beside it.
    """

    item = models.ForeignKey(ProficiencyItem, models.PROTECT, related_name="results", db_index=False)
    round = models.ForeignKey(ProficiencyRound, models.PROTECT, related_name="+", db_index=False)
    organiser = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    text = models.TextField(help_text="as entered or measured")
    value = models.DecimalField(max_digits=18, decimal_places=6, null=True, help_text="in the item's unit")
    u = models.DecimalField(max_digits=18, decimal_places=6, null=True, help_text="standard uncertainty")
    method = models.TextField(blank=True, default="", help_text="the group it is compared within")
    analyzer = models.ForeignKey(Analyzer, models.PROTECT, null=True, related_name="+", db_index=False)
    result_id = models.BigIntegerField(null=True, help_text="the tube's result that it was taken from")
    is_further = models.BooleanField(
        default=False, db_default=False, help_text="of another analyzer than the one whose result is returned"
    )
    entered_at = models.DateTimeField()
    entered_by = models.TextField()
    provider_z = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    provider_evaluation = models.TextField(blank=True, default="", help_text="as the provider's report says")

    class Meta:
        db_table = "eqa_result"
        constraints = [
            models.UniqueConstraint(
                fields=["item", "laboratory"], condition=models.Q(is_further=False), name="eqa_result_once"
            ),
            models.UniqueConstraint(
                fields=["item", "laboratory", "analyzer"],
                condition=models.Q(is_further=True),
                name="eqa_result_further_once",
            ),
            models.CheckConstraint(
                condition=models.Q(is_further=False) | models.Q(analyzer__isnull=False),
                name="eqa_result_further_whose",
            ),
        ]
        indexes = [models.Index(fields=["round", "laboratory"], name="eqa_result_of_round")]


class ProficiencyScore(models.Model):
    """How a participant did on an item, as evaluated; it never changes."""

    class Signal(models.TextChoices):
        ACCEPTABLE = "acceptable", _("acceptable")
        WARNING = "warning", _("warning")
        ACTION = "action", _("action needed")
        MISSING = "missing", _("not returned")
        NOT_SCORED = "not_scored", _("not scored")

    item = models.ForeignKey(ProficiencyItem, models.PROTECT, related_name="scores", db_index=False)
    round = models.ForeignKey(ProficiencyRound, models.PROTECT, related_name="+", db_index=False)
    organiser = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    test = models.ForeignKey(Test, models.PROTECT, related_name="+", db_index=False)
    result = models.ForeignKey(ProficiencyResult, models.PROTECT, null=True, db_index=False, related_name="+")
    signal = models.TextField(choices=Signal.choices)
    judged_by = models.TextField(blank=True, default="", help_text="z, z_prime, limit or words")
    reason = models.TextField(blank=True, default="", help_text="why it was not scored, or not by its method")
    z = models.DecimalField(max_digits=30, decimal_places=6, null=True)
    z_prime = models.DecimalField(max_digits=30, decimal_places=6, null=True)
    zeta = models.DecimalField(max_digits=30, decimal_places=6, null=True)
    en = models.DecimalField(max_digits=30, decimal_places=6, null=True)
    sdi = models.DecimalField(max_digits=30, decimal_places=6, null=True)
    d_percent = models.DecimalField(max_digits=30, decimal_places=6, null=True)
    distance = models.SmallIntegerField(null=True, help_text="grades off the expected one")
    is_further = models.BooleanField(
        default=False, db_default=False, help_text="of a result beside the one that was returned"
    )
    at = models.DateTimeField()

    class Meta:
        db_table = "eqa_score"
        constraints = [
            models.UniqueConstraint(
                fields=["item", "laboratory"], condition=models.Q(is_further=False), name="eqa_score_once"
            ),
            models.UniqueConstraint(
                fields=["result"], condition=models.Q(is_further=True), name="eqa_score_further_once"
            ),
            models.CheckConstraint(
                condition=models.Q(is_further=False) | models.Q(result__isnull=False),
                name="eqa_score_further_whose",
            ),
        ]
        indexes = [
            models.Index(fields=["round", "laboratory"], name="eqa_score_of_round"),
            models.Index(fields=["laboratory", "test", "-at"], name="eqa_score_trend"),
        ]


class FailureCase(models.Model):
    """A failed item, worked off step by step until its cause is known. Kristensen and Meijer 2017."""

    class State(models.TextChoices):
        OPEN = "open", _("being investigated")
        CLOSED = "closed", _("closed")

    class Why(models.TextChoices):
        ACTION = "action", _("score that demands action")
        WARNINGS = "two_warnings", _("second warning in a row")
        MISSING = "missing", _("result not returned")

    class Cause(models.TextChoices):
        CLERICAL = "clerical", _("transcription, unit or mix-up")
        SAMPLE = "sample", _("the sample or its treatment")
        METHOD_GROUP = "method_group", _("the whole method group deviates")
        ANALYZER = "analyzer", _("our analyzer, calibration or reagent")
        UNEXPLAINED = "unexplained", _("no cause found")

    score = models.OneToOneField(ProficiencyScore, models.PROTECT, related_name="case")
    organiser = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    why = models.TextField(choices=Why.choices)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    cause = models.TextField(blank=True, default="", choices=Cause.choices)
    conclusion = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(blank=True, default="")

    class Meta:
        db_table = "eqa_case"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open")
                | (models.Q(closed_at__isnull=False) & ~models.Q(cause="") & ~models.Q(conclusion="")),
                name="eqa_case_complete",
            )
        ]
        indexes = [
            models.Index(
                fields=["laboratory", "opened_at"], name="eqa_case_open", condition=models.Q(state="open")
            ),
            models.Index(fields=["laboratory", "-opened_at"], name="eqa_case_list"),
        ]


class FailureStep(models.Model):
    """One step of an investigation as somebody answered it; an answer stays."""

    class Step(models.TextChoices):
        CLERICAL = "clerical", _("clerical: transcription, unit, right sample, right test")
        SAMPLE = "sample", _("sample: receipt, storage, reconstitution, matrix")
        METHOD_GROUP = "method_group", _("method group: do all with this method deviate?")
        ANALYZER = "analyzer", _("analyzer: control, calibration, reagent, maintenance of that day")
        PATIENT_IMPACT = "patient_impact", _("patient impact: were results of patients wrong?")

    class Finding(models.TextChoices):
        EXCLUDED = "excluded", _("looked at: not the cause")
        CAUSE = "cause", _("this is the cause")
        NO_IMPACT = "no_impact", _("no patient was affected")
        IMPACT = "impact", _("patients may have been affected")

    case = models.ForeignKey(FailureCase, models.PROTECT, related_name="steps", db_index=False)
    organiser = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    laboratory = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    step = models.TextField(choices=Step.choices)
    finding = models.TextField(choices=Finding.choices)
    note = models.TextField()
    at = models.DateTimeField()
    by = models.TextField()

    class Meta:
        db_table = "eqa_case_step"
        constraints = [models.UniqueConstraint(fields=["case", "step"], name="eqa_case_step_once")]
