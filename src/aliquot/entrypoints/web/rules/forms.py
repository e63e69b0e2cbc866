"""Forms of the rules of automatic release."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site

WHY = {"required": _("Say why; the audit keeps it with the change.")}
MOMENT = {"type": "datetime-local"}
SCOPES = [
    ("laboratory", _("everything in this laboratory")),
    ("analyzer", _("one analyzer")),
    ("test", _("one test in this laboratory")),
    ("network", _("the whole network")),
]


class WhyForm(forms.Form):
    """A step that says why."""

    reason = forms.CharField(label=_("Why"), error_messages=WHY)


class ApproveForm(WhyForm):
    """An approval: why, and why rules that no case tries may go without."""

    untried = forms.CharField(label=_("Why these rules may go without a case"), required=False)


class DraftForm(forms.Form):
    """A new draft: whose rules, from what, what for."""

    scope = forms.ChoiceField(label=_("Whose rules"))
    note = forms.CharField(label=_("What the draft is for"), error_messages=WHY)

    def __init__(self, *given: Any, place: Site, **named: Any) -> None:
        super().__init__(*given, **{"auto_id": "draft_%s", **named})
        self.fields["scope"].choices = [("network", _("the network")), (place.code, str(place))]  # type: ignore[attr-defined]


class TextForm(forms.Form):
    """The text of a draft, and the one that was read."""

    text = forms.CharField(
        label=_("Rules as TOML"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 34, "spellcheck": "false", "wrap": "off", "class": "code"}),
    )
    read = forms.CharField(widget=forms.HiddenInput)


class ActivateForm(WhyForm):
    """From when a version holds."""

    since = forms.DateTimeField(
        label=_("From"), required=False, widget=forms.DateTimeInput(attrs=MOMENT), help_text=_("empty: now")
    )
    field_order = ("since", "reason")


class ValidateForm(forms.Form):
    """The stretch of history on which a version is tried."""

    since = forms.DateTimeField(label=_("Since"), widget=forms.DateTimeInput(attrs=MOMENT))
    until = forms.DateTimeField(label=_("Until"), widget=forms.DateTimeInput(attrs=MOMENT))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        now = timezone.localtime()
        self.fields["since"].initial = (now - timedelta(days=30)).strftime("%Y-%m-%dT00:00")
        self.fields["until"].initial = now.strftime("%Y-%m-%dT%H:%M")


class SignForm(forms.Form):
    """A signature: what it means, and the password again."""

    meaning = forms.CharField(label=_("What your signature means"), widget=forms.Textarea(attrs={"rows": 2}))
    password = forms.CharField(
        label=_("Your password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        words = _("I have read this report; the rules do what they are meant to do and may be approved.")
        self.fields["meaning"].initial = words


class SuspendForm(WhyForm):
    """What is suspended, and why."""

    scope = forms.ChoiceField(label=_("What is suspended"), choices=SCOPES)
    analyzer = forms.ModelChoiceField(
        label=_("Analyzer"), queryset=Analyzer.objects.none(), required=False, to_field_name="code"
    )
    test = forms.ModelChoiceField(
        label=_("Test"), queryset=Test.objects.order_by("code"), required=False, to_field_name="code"
    )
    field_order = ("scope", "analyzer", "test", "reason")

    def __init__(self, *given: Any, place: Site, **named: Any) -> None:
        super().__init__(*given, **named)
        analyzers = Analyzer.objects.filter(laboratory=place).order_by("code")
        self.fields["analyzer"].queryset = analyzers  # type: ignore[attr-defined]
        self.fields["analyzer"].label_from_instance = lambda one: f"{one.code} {one.name}"  # type: ignore[attr-defined]
        self.fields["test"].label_from_instance = lambda one: f"{one.code} {one.name}"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The analyzer or the test must be named when one of them is meant; else neither counts."""
        given = super().clean() or {}
        scope = given.get("scope", "")
        for name in ("analyzer", "test"):
            if scope != name:
                given[name] = None
            elif not given.get(name):
                self.add_error(name, _("Choose which one."))
        return given


class AppliesForm(forms.Form):
    """One test and one patient."""

    test = forms.CharField(label=_("Test"), initial="K")
    sex = forms.ChoiceField(
        label=_("Sex"), choices=[("F", _("woman")), ("M", _("man")), ("U", _("not known"))]
    )
    age = forms.RegexField(
        r"^\d{1,5} ?(d|wk|mo|a)$",
        label=_("Age"),
        initial="34a",
        required=False,
        error_messages={"invalid": _("A number with d, wk, mo or a: 34a, 6mo, 3d.")},
    )
    ward = forms.CharField(label=_("Ward"), required=False)
    diagnosis = forms.CharField(label=_("Diagnosis (ICD-10)"), required=False)
    pregnant = forms.ChoiceField(
        label=_("Pregnant"),
        required=False,
        choices=[("", _("not known")), ("yes", _("yes")), ("no", _("no"))],
    )
    urgency = forms.ChoiceField(label=_("Urgency"), choices=[("R", _("routine")), ("S", _("urgent"))])
