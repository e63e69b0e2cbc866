"""Forms of a study: its plan by kind, a file, what to gather, the supply, the signature."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from aliquot.entrypoints.web.quality.allowed import Proposal, rounded
from aliquot.entrypoints.web.quality.forms import LINE, NumberField, moment
from aliquot.entrypoints.web.shell.wording import number_text
from aliquot.flow.instruments.models import Analyzer
from aliquot.oversight.studies.actions import Gathered, Planned, Supply
from aliquot.oversight.studies.rules.outline import PAIRS, WORD, Field, Outline
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site

LIMITS = "limits-"


class PlanForm(forms.Form):
    """What is to be shown: subject, what is on trial and in use, and the fields of the kind's plan."""

    title = forms.CharField(
        label=_("What is to be decided"), widget=forms.TextInput({**LINE, "autofocus": True})
    )
    test = forms.ModelChoiceField(Test.objects.none(), label=_("Test"), required=False)
    unit = forms.CharField(
        label=_("Unit, where it is not the test's"), required=False, widget=forms.TextInput(LINE)
    )
    analyzer = forms.ModelChoiceField(
        Analyzer.objects.none(),
        label=pgettext_lazy("study", "Analyzer on trial"),
        required=False,
        to_field_name="code",
    )
    method = forms.CharField(
        label=_("Reagent and lot on trial"), required=False, widget=forms.TextInput(LINE)
    )
    compared = forms.ModelChoiceField(
        Analyzer.objects.none(),
        label=pgettext_lazy("study", "Analyzer in use"),
        required=False,
        to_field_name="code",
    )
    compared_method = forms.CharField(
        label=_("Reagent and lot in use"), required=False, widget=forms.TextInput(LINE)
    )

    def __init__(self, outline: Outline, place: Site, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.outline = outline
        self.fields["test"].queryset = Test.objects.order_by("code")  # type: ignore[attr-defined]
        for name in ("analyzer", "compared"):
            own = Analyzer.objects.filter(laboratory=place, is_active=True)
            self.fields[name].queryset = own.order_by("code")  # type: ignore[attr-defined]
            self.fields[name].label_from_instance = _analyzer  # type: ignore[attr-defined]
        self.fields["test"].label_from_instance = _test  # type: ignore[attr-defined]
        for one in outline.fields:
            self.fields[LIMITS + one.name] = _limit(one)

    @property
    def criteria(self) -> list[forms.BoundField]:
        """The fields of which at least one is stated."""
        return [self[LIMITS + one.name] for one in self.outline.fields if one.is_criterion]

    @property
    def others(self) -> list[forms.BoundField]:
        """The rest of the plan."""
        return [self[LIMITS + one.name] for one in self.outline.fields if not one.is_criterion]

    @property
    def has_two(self) -> bool:
        """Whether something is compared with what is in use."""
        return self.outline.gathers == PAIRS

    def planned(self, kind: str) -> Planned:
        """What the person planned."""
        given = self.cleaned_data
        plan = {one.name: given.get(LIMITS + one.name) or "" for one in self.outline.fields}
        own = ("title", "test", "unit", "analyzer", "method", "compared", "compared_method")
        return Planned(kind, plan=plan, **{name: given[name] for name in own})


class FileForm(forms.Form):
    """A table of measurements."""

    file = forms.FileField(label=_("CSV or XLSX"), widget=forms.FileInput({"accept": ".csv,.xlsx,.txt"}))


class GatherForm(forms.Form):
    """Which of the analyzers' values are taken."""

    since = moment(_("Measured from"))
    until = moment(_("Until"))
    named = forms.CharField(label=_("Only these"), required=False, widget=forms.Textarea({"rows": 2, **LINE}))

    def gathered(self) -> Gathered:
        """What to gather."""
        given = self.cleaned_data
        named = given["named"].replace(",", " ").replace(";", " ").split()
        return Gathered(given["since"], given["until"], named)


class SupplyForm(forms.Form):
    """Where something comes from, and what it costs."""

    supplier = forms.CharField(label=_("Supplier"), widget=forms.TextInput(LINE))
    product = forms.CharField(label=_("Product"), widget=forms.TextInput(LINE))
    lot = forms.CharField(label=_("Lot"), required=False, widget=forms.TextInput(LINE))
    origin = forms.CharField(label=_("Made in"), required=False, widget=forms.TextInput(LINE))
    registration = forms.CharField(
        label=_("Registration certificate"), required=False, widget=forms.TextInput(LINE)
    )
    valid_until = forms.DateField(
        label=_("Registered until"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    price = NumberField(label=_("Price of a test, roubles"), required=False)
    first_delivery = forms.DateField(
        label=_("First delivery"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    decision = forms.CharField(
        label=_("Decision on the supply"), required=False, widget=forms.TextInput(LINE)
    )

    def supply(self) -> Supply:
        """The record."""
        return Supply(**self.cleaned_data)


class SignForm(forms.Form):
    """What the signature adds and means; the password is asked again."""

    conclusion = forms.CharField(label=_("Conclusion"), required=False, widget=forms.Textarea({"rows": 2}))
    meaning = forms.CharField(label=_("What the signature means"), widget=forms.TextInput(LINE))
    password = forms.CharField(
        label=_("Your password"), widget=forms.PasswordInput({"autocomplete": "current-password"})
    )
    read = forms.CharField(widget=forms.HiddenInput)


class AbandonForm(forms.Form):
    """Why a study is given up."""

    reason = forms.CharField(label=pgettext_lazy("study", "Why it is given up"), widget=forms.TextInput(LINE))


def plan_initial(plan: Mapping[str, str]) -> dict[str, str]:
    """The fields of a plan as the form names them."""
    return {LIMITS + name: value for name, value in plan.items()}


def proposed_limits(proposal: Proposal) -> dict[str, str]:
    """The fields of a plan that the catalogue has a limit for, as the form names them."""
    allowed = proposal.allowed
    found = {
        "allowable_bias_percent": allowed.bias,
        "tea_percent": allowed.total_percent,
        "tea": allowed.total,
        "allowable_cv": allowed.cv,
        "adl_percent": allowed.bias,
        "allowable_standard_percent": allowed.cv,
    }
    return plan_initial({name: number_text(rounded(value)) for name, value in found.items() if value})


def _limit(one: Field) -> forms.Field:
    label = gettext(one.label)
    if one.form == WORD:
        choices = [("", _("as usual")), *((name, gettext(words)) for name, words in one.choices)]
        return forms.ChoiceField(label=label, choices=choices, required=False)
    return forms.CharField(
        label=label, required=False, widget=forms.TextInput({**LINE, "inputmode": "decimal"})
    )


def _analyzer(one: Analyzer) -> str:
    return f"{one.code} · {one.name}" if one.name != one.code else one.code


def _test(one: Test) -> str:
    return f"{one.code} · {one.name}"
