"""Setup's forms."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from aliquot.flow.instruments.models import Adaptation, Analyzer
from aliquot.flow.instruments.rules.driver import load, models
from aliquot.registers.catalogue.models import AllowableError, Test
from aliquot.registers.network.models import Bench, Contact, Site
from aliquot.registers.people.models import Role

LANGUAGES = [("en", "English"), ("ru", "Русский")]


class ReasonForm(forms.Form):
    """A change that says why."""

    reason = forms.CharField(
        label=_("Why"), error_messages={"required": _("Say why; the audit keeps it with the change.")}
    )


class SiteForm(forms.Form):
    """What may be changed of a site while it works."""

    name_en = forms.CharField(label=_("Name in English"))
    name_ru = forms.CharField(label=_("Name in Russian"))
    address_en = forms.CharField(label=_("Address in English"), required=False)
    address_ru = forms.CharField(label=_("Address in Russian"), required=False)
    travel_minutes = forms.IntegerField(
        label=_("Road time to its laboratory, minutes"), min_value=0, max_value=2880
    )
    is_active = forms.BooleanField(label=_("Works: orders and boxes are taken"), required=False)


class ContactForm(forms.Form):
    """Who is reached at a site, by which telephone, when."""

    function = forms.ChoiceField(label=_("Who"), choices=Contact.Function.choices)
    name_en = forms.CharField(label=_("Name in English"))
    name_ru = forms.CharField(label=_("Name in Russian"))
    phone = forms.CharField(
        label=_("Telephone"), widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})
    )
    ward = forms.CharField(label=_("Only this ward"), required=False)
    days = forms.MultipleChoiceField(
        label=_("Days"),
        choices=[(str(number), name) for number, name in enumerate(WEEKDAYS.values(), 1)],
        initial=list("1234567"),
        widget=forms.CheckboxSelectMultiple,
    )
    on_from = forms.TimeField(
        label=_("On duty from"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    on_until = forms.TimeField(
        label=_("On duty until"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )

    @property
    def facts(self) -> dict[str, Any]:
        """What is kept: the days as digits."""
        return self.cleaned_data | {"days": "".join(sorted(self.cleaned_data["days"]))}


class DepartmentForm(forms.Form):
    """A new department of a laboratory."""

    code = forms.SlugField(label=_("Code"))
    name_en = forms.CharField(label=_("Name in English"))
    name_ru = forms.CharField(label=_("Name in Russian"))


class PersonForm(forms.Form):
    """A new person."""

    username = forms.RegexField(
        r"^[a-z0-9][a-z0-9.\-_]{1,60}$",
        label=_("Name to sign in with"),
        error_messages={"invalid": _("Small Latin letters, digits, dot, dash; at least two.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    name_en = forms.CharField(label=_("Name in English"))
    name_ru = forms.CharField(label=_("Name in Russian"))
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, initial="ru")


class AssignmentForm(forms.Form):
    """A role at a site, from a moment on."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    site = forms.ModelChoiceField(label=_("Site"), queryset=Site.objects.none())
    since = forms.DateTimeField(
        label=_("Since"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    until = forms.DateTimeField(
        label=_("Until"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["site"].queryset = Site.objects.order_by("code")  # type: ignore[attr-defined]
        self.fields["since"].initial = timezone.localtime().strftime("%Y-%m-%dT%H:%M")


class PasswordForm(forms.Form):
    """A first or a new password."""

    password = forms.CharField(
        label=_("New password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )


def _percent(label: Any) -> forms.CharField:
    """A number as it is typed, with a point or a comma."""
    words = {"inputmode": "decimal", "autocomplete": "off"}
    return forms.CharField(label=label, required=False, widget=forms.TextInput(words))


class LimitsForm(ReasonForm):
    """What decides whether a result of a test waits for a person."""

    critical_low = forms.DecimalField(
        label=_("Critical, at or below"), required=False, max_digits=14, decimal_places=6
    )
    critical_high = forms.DecimalField(
        label=_("Critical, at or above"), required=False, max_digits=14, decimal_places=6
    )
    technical_low = forms.DecimalField(
        label=_("Measuring range from"), required=False, max_digits=14, decimal_places=6
    )
    technical_high = forms.DecimalField(
        label=_("Measuring range to"), required=False, max_digits=14, decimal_places=6
    )
    delta_percent = forms.DecimalField(
        label=_("Delta check, percent"), required=False, min_value=0, max_digits=6, decimal_places=2
    )
    delta_days = forms.IntegerField(label=_("Delta check within days"), required=False, min_value=1)
    autorelease = forms.BooleanField(
        label=_("A result that passes every rule is released without a person"), required=False
    )
    field_order = (
        "critical_low",
        "critical_high",
        "technical_low",
        "technical_high",
        "delta_percent",
        "delta_days",
        "autorelease",
        "reason",
    )


class AllowableForm(ReasonForm):
    """How wrong a result may be from a day on; the action reads the words as they stand in a table."""

    since = forms.DateField(
        label=_("It holds from"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    kind = forms.ChoiceField(label=_("What it rests on"), choices=AllowableError.Kind.choices)
    total_percent = _percent(_("Total error, %"))
    total = _percent(_("Total error, in the unit of the test"))
    bias_percent = _percent(_("Bias, %"))
    cv_percent = _percent(_("CV, %"))
    within_cv = _percent(_("Variation within a person (CVI), %"))
    between_cv = _percent(_("Variation between people (CVG), %"))
    source = forms.CharField(label=_("Source"), required=False)
    approximate = forms.BooleanField(label=_("It is an approximation"), required=False)

    def row(self) -> dict[str, str]:
        """What was given, by the columns of a table."""
        given = {name: str(value) for name, value in self.cleaned_data.items() if name != "reason"}
        return given | {"approximate": "Y" if self.cleaned_data["approximate"] else ""}


class AllowableTableForm(ReasonForm):
    """A laboratory's own table."""

    file = forms.FileField(label=_("CSV or TOML"), widget=forms.FileInput({"accept": ".csv,.toml,.txt"}))
    field_order = ("file", "reason")


REACH = ("transport", "listen_port", "address", "order_address", "query_policy")


class ReachForm(forms.Form):
    """How an analyzer is reached, and when it is told what to measure."""

    transport = forms.ChoiceField(label=_("Connection"), choices=Analyzer.Transport.choices)
    listen_port = forms.IntegerField(label=_("Port to listen on"), required=False)
    address = forms.CharField(label=_("Address, serial port or folder"), required=False)
    order_address = forms.CharField(label=_("Second connection for orders"), required=False)
    query_policy = forms.ChoiceField(label=_("Work orders"), choices=Analyzer.QueryPolicy.choices)


class InstallForm(ReachForm):
    """Connect an analyzer by its driver."""

    driver = forms.ChoiceField(label=_("Driver"))
    code = forms.SlugField(label=_("Code"))
    name = forms.CharField(label=_("Name"))
    bench = forms.ModelChoiceField(label=_("Bench"), queryset=Bench.objects.none())
    serial = forms.CharField(label=_("Serial number"), required=False)

    def __init__(self, *given: Any, site: Site, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["driver"].choices = [(one, load(one).title) for one in models()]  # type: ignore[attr-defined]
        benches = Bench.objects.filter(department__site=site).order_by("code")
        self.fields["bench"].queryset = benches  # type: ignore[attr-defined]


class AnalyzerForm(ReachForm, ReasonForm):
    """What may be changed of an analyzer that is connected."""

    name = forms.CharField(label=_("Name"))
    serial = forms.CharField(label=_("Serial number"), required=False)
    is_active = forms.BooleanField(label=_("Connected: its line is held open"), required=False)
    has_qc_plan = forms.BooleanField(label=_("Quality control is planned for it"), required=False)
    field_order = ("name", "serial", *REACH, "is_active", "has_qc_plan", "reason")


class MappingForm(ReasonForm):
    """What one code of an analyzer means."""

    code = forms.CharField(label=_("Code of the analyzer"))
    test = forms.CharField(
        label=_("Test"), widget=forms.TextInput(attrs={"list": "tests", "autocomplete": "off"})
    )
    unit = forms.CharField(label=_("Unit it sends"), required=False)
    factor = forms.DecimalField(
        label=_("Factor to the catalogue's unit"), initial=1, max_digits=18, decimal_places=9
    )
    field_order = ("code", "test", "unit", "factor", "reason")

    def clean_test(self) -> Test:
        found = Test.objects.filter(code=self.cleaned_data["test"].strip().upper()).first()
        if found is None:
            raise forms.ValidationError(_("No test has this code. Choose from the list."))
        return found


WORD_KINDS = [("code", _("test code")), *Adaptation.Kind.choices]


class WordForm(ReasonForm):
    """What one word of an analyzer means here: a code a test, a unit a unit of UCUM, and so on."""

    kind = forms.ChoiceField(label=_("Kind of word"), choices=WORD_KINDS)
    term = forms.CharField(label=_("As the analyzer sends it"), strip=False)
    meaning = forms.CharField(
        label=_("Means"),
        required=False,
        widget=forms.TextInput(attrs={"list": "meanings", "autocomplete": "off"}),
    )
    unit = forms.CharField(label=_("Unit it sends"), required=False)
    factor = forms.DecimalField(label=_("Factor"), required=False, max_digits=18, decimal_places=9)
    field_order = ("kind", "term", "meaning", "unit", "factor", "reason")


class AuditForm(forms.Form):
    """What of the audit is shown."""

    table = forms.CharField(
        label=_("Table"),
        required=False,
        widget=forms.TextInput(attrs={"list": "tables", "autocomplete": "off"}),
    )
    row = forms.IntegerField(label=_("Row"), required=False)
    actor = forms.CharField(
        label=_("Person or process"),
        required=False,
        widget=forms.TextInput(attrs={"list": "actors", "autocomplete": "off"}),
    )
    since = forms.DateTimeField(
        label=_("Since"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    until = forms.DateTimeField(
        label=_("Until"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
