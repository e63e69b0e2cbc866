"""Forms of operators, employers and contracts, and the picture of who operated what when."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aliquot.entrypoints.web.shell.charts.spells import Bar, Row, Scale, spells
from aliquot.entrypoints.web.shell.wording import day_text
from aliquot.foundation.naming import is_russian
from aliquot.registers.network.actions import ContractFacts
from aliquot.registers.network.models import Contract, Organisation, Site
from aliquot.registers.network.queries import Spell, contracts
from aliquot.registers.people.models import Role

MOMENT = {"type": "datetime-local", "step": "1"}
AROUND = timedelta(days=400)
"""How far the picture looks back and ahead when nothing recorded lies further away."""


class OrganisationForm(forms.Form):
    """A legal body that is new to the region."""

    code = forms.SlugField(label=_("Code"))
    name_en = forms.CharField(label=_("Name in English"))
    name_ru = forms.CharField(label=_("Name in Russian"))
    oid = forms.RegexField(r"^[0-2](\.\d+)+$", label="OID", required=False)


class ContractForm(forms.Form):
    """Who agreed with whom on what, from when to when; with the signed document."""

    number = forms.CharField(label=_("Number"))
    kind = forms.ChoiceField(label=_("About"), choices=Contract.Kind.choices)
    customer = forms.ModelChoiceField(label=_("Customer"), queryset=Organisation.objects.none())
    contractor = forms.ModelChoiceField(label=_("Contractor"), queryset=Organisation.objects.none())
    since = forms.DateTimeField(label=_("Since"), widget=forms.DateTimeInput(attrs=MOMENT))
    until = forms.DateTimeField(label=_("Until"), required=False, widget=forms.DateTimeInput(attrs=MOMENT))
    covers = forms.CharField(label=_("What it covers"), required=False, widget=forms.Textarea({"rows": 2}))
    document = forms.FileField(label=_("Signed document"), required=False)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for name in ("customer", "contractor"):
            self.fields[name].queryset = Organisation.objects.order_by("code")  # type: ignore[attr-defined]

    @property
    def facts(self) -> ContractFacts:
        """What is kept: the document as its bytes."""
        given = dict(self.cleaned_data)
        file = given.pop("document")
        named = {"document_name": file.name, "document": file.read()} if file else {}
        return ContractFacts(**given, **named)


class ChangeForm(forms.Form):
    """From a moment on another organisation operates these sites."""

    sites = forms.ModelMultipleChoiceField(
        label=_("Sites"), queryset=Site.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    contract = forms.ModelChoiceField(
        label=_("Under contract"),
        queryset=Contract.objects.none(),
        required=False,
        empty_label=_("none: back to whom the sites belong to"),
    )
    on = forms.DateTimeField(label=_("First moment"), widget=forms.DateTimeInput(attrs=MOMENT))
    reason = forms.CharField(label=_("Why"), required=False)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        laboratories = Site.objects.exclude(kind=Site.Kind.COLLECTION_POINT)
        self.fields["sites"].queryset = laboratories.order_by("code")  # type: ignore[attr-defined]
        operating = contracts().filter(kind=Contract.Kind.OPERATION)
        self.fields["contract"].queryset = operating  # type: ignore[attr-defined]
        self.fields["contract"].label_from_instance = _named  # type: ignore[attr-defined]


class EmploymentForm(forms.Form):
    """Who employs a person, from a moment on."""

    organisation = forms.ModelChoiceField(label=_("Employer"), queryset=Organisation.objects.none())
    since = forms.DateTimeField(
        label=_("Since"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    until = forms.DateTimeField(
        label=_("Until"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["organisation"].queryset = Organisation.objects.order_by("code")  # type: ignore[attr-defined]
        self.fields["since"].initial = timezone.localtime().strftime("%Y-%m-%dT%H:%M")


class WithdrawForm(forms.Form):
    """Why a change is taken back."""

    why = forms.CharField(label=_("Why"), required=False)


def _named(contract: Contract) -> str:
    return f"{contract.number} · {contract.contractor}"


def picture(sites: Sequence[Site], operated: dict[int, list[Spell]], at: datetime, zone: ZoneInfo) -> str:
    """A row for each site, a bar for each operator; an organisation has one colour in all rows."""
    known = [one for site in sites for one in operated[site.pk]]
    tints = _tints(known)
    moments = [one for spell in known for one in (spell.since, spell.until) if one is not None]
    scale = Scale(
        min([*moments, at]) - AROUND,
        max([*moments, at]) + AROUND,
        at,
        gettext("now"),
        [(one, day_text(one.astimezone(zone).date())) for one in sorted(set(moments))],
    )
    rows = [Row(site.name, [_bar(one, tints, zone) for one in operated[site.pk]]) for site in sites]
    return spells(rows, scale, title=gettext("Who operated what, from when to when"))


def _tints(known: Sequence[Spell]) -> dict[int, int]:
    """The plain colour for whoever operates what is its own, the others in the order of time."""
    hired = sorted((one for one in known if one.contract and one.since), key=lambda one: str(one.since))
    named = list(dict.fromkeys(one.operator.pk for one in hired))
    return {key: 1 + place for place, key in enumerate(named)}


def _bar(one: Spell, tints: dict[int, int], zone: ZoneInfo) -> Bar:
    ends = [day_text(at.astimezone(zone).date()) if at else "…" for at in (one.since, one.until)]
    under = f", {one.contract.number}" if one.contract else ""
    tint = tints[one.operator.pk] if one.contract else 0
    return Bar(one.operator.name, tint, one.since, one.until, f"{one.operator} {' – '.join(ends)}{under}")


WORK = {
    "order": _("orders not yet completed, of 90 days"),
    "tube_under_way": _("tubes under way or at reception"),
    "test_to_measure": _("tests accepted, to be measured"),
    "result_waiting": _("results that wait for a person"),
    "call_open": _("critical values to be told"),
    "look_back_open": _("look-backs under way"),
    "nonconformity_open": _("nonconformities being worked on"),
}


def told(effect: Mapping[str, Any]) -> dict[str, Any]:
    """What a change does, in words of the reader's language; `effect` as computed or as kept with it."""
    return {
        "lose": _people(effect["lose"]),
        "gain": _people(effect["gain"]),
        "keep": effect["keep"],
        "work": [(words, effect["work"].get(kind, 0)) for kind, words in WORK.items()],
        "contracts": effect["contracts"],
    }


def _people(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, object]]:
    language = "ru" if is_russian() else "en"
    return [
        {
            "username": one["username"],
            "name": one[f"name_{language}"],
            "role": Role(one["role"]).label,
            "site": one[f"site_{language}"],
        }
        for one in rows
    ]
