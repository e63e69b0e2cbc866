"""What can be ordered, in which tube it travels, and between which limits it lies."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from aliquot.foundation.naming import BilingualName, is_russian


class Container(BilingualName):
    code = models.TextField(unique=True)
    cap_name_en = models.TextField()
    cap_name_ru = models.TextField()
    cap_colour = models.TextField(help_text="#rrggbb")
    additive_en = models.TextField(blank=True, default="")
    additive_ru = models.TextField(blank=True, default="")
    draw_volume_ul = models.IntegerField()
    draw_order = models.IntegerField()
    is_centrifuged = models.BooleanField(default=False)
    usable_whole_ul = models.IntegerField(
        default=0, help_text="what can be pipetted from it as drawn; 0: never so"
    )
    usable_spun_ul = models.IntegerField(
        default=0, help_text="what can be pipetted after the centrifuge; 0: never so"
    )
    source = models.TextField()

    class Meta:
        db_table = "container"

    @property
    def cap_name(self) -> str:
        return self.cap_name_ru if is_russian() else self.cap_name_en


class SpecimenType(BilingualName):
    code = models.TextField(unique=True)
    nsi_1081 = models.TextField(blank=True, default="")
    is_hard_to_recollect = models.BooleanField(default=False)
    source = models.TextField()

    class Meta:
        db_table = "specimen_type"


class Section(BilingualName):
    """A section of the laboratory: chemistry, haematology, ..."""

    code = models.TextField(unique=True)
    default_volume_ul = models.IntegerField()
    source = models.TextField()

    class Meta:
        db_table = "section"


class Test(BilingualName):
    """One thing the laboratory can measure or observe."""

    __test__ = False  # not a test case, whatever the name says to a test runner

    class Scale(models.TextChoices):
        QUANTITATIVE = "Qn"
        ORDINAL = "Ord"
        NOMINAL = "Nom"
        PANEL = "Pnl"

    code = models.TextField(unique=True)
    short_en = models.TextField()
    short_ru = models.TextField()
    loinc = models.TextField(blank=True, default="")
    loinc_is_verified = models.BooleanField(default=False)
    nmu_804n = models.TextField(blank=True, default="")
    fsli_1080 = models.TextField(blank=True, default="")
    specimen_type = models.ForeignKey(SpecimenType, models.PROTECT)
    container = models.ForeignKey(Container, models.PROTECT)
    unit = models.TextField(blank=True, default="", help_text="UCUM")
    unit_ru = models.TextField(blank=True, default="")
    unit_1358 = models.TextField(
        blank=True, default="", help_text="the unit's code in the national directory"
    )
    decimals = models.SmallIntegerField(null=True)
    scale = models.TextField(choices=Scale.choices)
    grades = ArrayField(
        models.TextField(),
        default=list,
        db_default=[],
        help_text="an ordinal test's own scale, the least first: the names of each grade divided by |",
    )
    method = models.TextField(blank=True, default="")
    method_ru = models.TextField(blank=True, default="")
    section = models.TextField(help_text="code of a Section")
    handling = models.TextField(blank=True, default="", help_text="keeps its tube apart: molecular, on_ice")
    volume_ul = models.IntegerField()
    is_centrifuged = models.BooleanField(default=False)
    critical_low = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    critical_high = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    technical_low = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    technical_high = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    delta_percent = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    delta_days = models.IntegerField(null=True)
    unspun_room_minutes = models.IntegerField(null=True, help_text="before the centrifuge, 15-25 °C")
    unspun_cold_minutes = models.IntegerField(null=True, help_text="before the centrifuge, 2-8 °C")
    stable_room_minutes = models.IntegerField(null=True)
    stable_cold_minutes = models.IntegerField(null=True)
    stable_frozen_minutes = models.IntegerField(null=True)
    tat_routine_minutes = models.IntegerField(null=True)
    tat_stat_minutes = models.IntegerField(null=True)
    spoilt_by = ArrayField(models.TextField(), default=list, help_text="conditions that make this test unfit")
    autorelease = models.BooleanField(default=True, help_text="off: every result waits for a person")
    own_limits = ArrayField(
        models.TextField(),
        default=list,
        db_default=[],
        help_text="set by a person: loading keeps them",
    )
    source = models.TextField()

    class Meta:
        db_table = "test"

    @property
    def short(self) -> str:
        return self.short_ru if is_russian() else self.short_en

    @property
    def unit_text(self) -> str:
        """The unit as a reader of the page's language knows it."""
        return (self.unit_ru if is_russian() else "") or self.unit

    def unit_said(self, unit: str) -> str:
        """Another unit as it stands, the test's own as a reader of the page's language knows it."""
        return self.unit_text if unit == self.unit else unit


class ReferenceInterval(models.Model):
    """Limits of health by sex and age; the source is kept with each."""

    test = models.ForeignKey(Test, models.PROTECT)
    sex = models.TextField(blank=True, default="", help_text="M, F or empty for both")
    age_from_days = models.IntegerField(default=0)
    age_to_days = models.IntegerField(default=60_000, help_text="exclusive")
    low = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    high = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    text = models.TextField(blank=True, default="")
    text_ru = models.TextField(blank=True, default="")
    kind = models.TextField(default="reference", help_text="reference, therapeutic or decision limit")
    source = models.TextField()

    class Meta:
        db_table = "reference_interval"


class AllowableError(models.Model):
    """How wrong a result of a test may be from a day on, what that rests on, and who stated it."""

    class Kind(models.TextChoices):
        OUTCOME = "outcome", _("clinical outcome")
        OPTIMUM = "variation_optimum", _("biological variation, optimum")
        DESIRABLE = "variation_desirable", _("biological variation, desirable")
        MINIMUM = "variation_minimum", _("biological variation, minimum")
        STATE_OF_THE_ART = "state_of_the_art", _("state of the art")
        REGULATION = "regulation", _("regulation or assessment scheme")
        OWN = "own", _("the laboratory's own decision")

    test = models.ForeignKey(Test, models.PROTECT, related_name="+", db_index=False)
    since = models.DateField(help_text="it holds from this day on, till a later row")
    kind = models.TextField(choices=Kind.choices)
    within_cv = models.DecimalField(
        max_digits=7, decimal_places=3, null=True, help_text="%, where the limits follow from variation"
    )
    between_cv = models.DecimalField(max_digits=7, decimal_places=3, null=True)
    total_percent = models.DecimalField(max_digits=7, decimal_places=3, null=True)
    total = models.DecimalField(
        max_digits=14, decimal_places=6, null=True, help_text="in the test's unit; the greater of both holds"
    )
    bias_percent = models.DecimalField(max_digits=7, decimal_places=3, null=True)
    cv_percent = models.DecimalField(max_digits=7, decimal_places=3, null=True)
    is_approximate = models.BooleanField(default=False)
    source = models.TextField()
    is_shipped = models.BooleanField(
        default=False, help_text="of the catalogue's own table; what a laboratory states holds before it"
    )
    stated_by = models.TextField()
    stated_at = models.DateTimeField()

    class Meta:
        db_table = "allowable_error"
        constraints = [
            models.UniqueConstraint(fields=["test", "since", "is_shipped"], name="allowable_error_once"),
            models.CheckConstraint(
                condition=models.Q(total_percent__gt=0)
                | models.Q(total__gt=0)
                | models.Q(bias_percent__gt=0)
                | models.Q(cv_percent__gt=0),
                name="allowable_error_states_something",
            ),
        ]


class DerivedTest(models.Model):
    """A test that is computed from others: by which formula, from which tests."""

    test = models.OneToOneField(Test, models.PROTECT, related_name="derived")
    calculator = models.TextField(help_text="name of a formula of rules/calculators")
    inputs = models.JSONField(help_text="the formula's name of each input: the code of its test")
    source = models.TextField()

    class Meta:
        db_table = "derived_test"


class Panel(BilingualName):
    code = models.TextField(unique=True)
    short_en = models.TextField(blank=True, default="")
    short_ru = models.TextField(blank=True, default="")
    loinc = models.TextField(blank=True, default="")
    nmu_804n = models.TextField(blank=True, default="")
    members = ArrayField(models.TextField(), help_text="codes of tests and of other panels, in order")
    source = models.TextField()

    class Meta:
        db_table = "panel"

    @property
    def short(self) -> str:
        return self.short_ru if is_russian() else self.short_en


class RejectionReason(BilingualName):
    """Why a specimen is not fit for a test; each is an IFCC indicator."""

    code = models.TextField(unique=True)
    scope = models.TextField(
        default="test", help_text="test, or specimen when it spoils every test of the tube"
    )
    advice_en = models.TextField(blank=True, default="")
    advice_ru = models.TextField(blank=True, default="")
    ifcc_indicator = models.TextField(blank=True, default="")
    source = models.TextField()

    class Meta:
        db_table = "rejection_reason"

    @property
    def advice(self) -> str:
        """What to do, in the reader's language."""
        return self.advice_ru if is_russian() else self.advice_en
