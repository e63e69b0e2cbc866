"""The plan of a round as a form: first its samples and tests, then how each is judged and who takes part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from aliquot.entrypoints.web.quality.allowed import Proposal
from aliquot.entrypoints.web.quality.assessment.forms import PLAIN
from aliquot.entrypoints.web.quality.forms import LINE, NumberField, moment
from aliquot.oversight.proficiency.actions import ItemPlan, RoundPlan, SamplePlan
from aliquot.oversight.proficiency.models import ProficiencyRound
from aliquot.oversight.proficiency.rules.items import CONSENSUS_AT_LEAST, Basis, Target
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site

Kind = ProficiencyRound.Kind
MOST_SAMPLES, MOST_TESTS = 12, 60
ONLY_NUMBERS = frozenset({"u_assigned", "sigma", "limit", "limit_percent", "unit"})
"""Fields that mean nothing for a test whose results are words."""
BASES = [
    (Basis.REFERENCE.value, _("reference value")),
    (Basis.FORMULATION.value, _("by formulation")),
    (Basis.EXPERT.value, _("experts' value")),
    (Basis.CONSENSUS.value, _("consensus of the participants")),
]


class LayoutForm(forms.Form):
    """Whose round it is, its samples and its tests."""

    kind = forms.ChoiceField(label=_("The round is"), choices=Kind.choices, initial=Kind.OWN)
    samples = forms.CharField(
        label=_("Samples"), widget=forms.TextInput(PLAIN), help_text=_("their names, parted by blanks: S1 S2")
    )
    tests = forms.CharField(
        label=_("Tests"),
        widget=forms.TextInput(PLAIN),
        help_text=_("their codes, parted by blanks: GLUS K NA"),
    )

    def clean_samples(self) -> list[str]:
        """Each name once."""
        return _words(self.cleaned_data["samples"], MOST_SAMPLES)

    def clean_tests(self) -> list[Test]:
        """The tests of the catalogue that are called so."""
        codes = _words(self.cleaned_data["tests"], MOST_TESTS)
        found = {
            one.code.casefold(): one for one in Test.objects.filter(code__in=[*codes, *map(str.upper, codes)])
        }
        if missing := [one for one in codes if one.casefold() not in found]:
            raise forms.ValidationError(
                say("The catalogue has no test %(codes)s.") % {"codes": ", ".join(missing)}
            )
        return list(dict.fromkeys(found[one.casefold()] for one in codes))


def _words(text: str, most: int) -> list[str]:
    found = list(dict.fromkeys(text.replace(",", " ").replace(";", " ").split()))
    if len(found) > most:
        raise forms.ValidationError(say("At most %(most)s at a time.") % {"most": str(most)})
    return found


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A test of a sample with its fields."""

    sample: str
    test: Test
    fields: list[BoundField]


class PlanForm(forms.Form):
    """Everything of a round; its items are those of the layout."""

    code = forms.CharField(
        label=_("Number of the round"),
        widget=forms.TextInput(PLAIN),
        error_messages={"required": _("Give the round a number or name.")},
    )
    scheme = forms.CharField(label=_("Scheme"), required=False, widget=forms.TextInput(LINE))
    provider = forms.CharField(
        label=_("Provider"),
        widget=forms.TextInput(LINE),
        error_messages={"required": _("Name the provider of the round.")},
    )
    submit_by = moment(_("Results until"))
    needed_percent = NumberField(label=_("Acceptable items needed, %"), initial=Decimal(80))
    material = forms.CharField(label=_("Material"), required=False, widget=forms.TextInput(LINE))
    note = forms.CharField(label=_("Note"), required=False, widget=forms.TextInput(LINE))

    def __init__(
        self,
        layout: dict[str, Any],
        laboratories: Sequence[Site],
        own: Site,
        proposals: Mapping[int, Proposal],
        *args: Any,
        **named: Any,
    ) -> None:
        super().__init__(*args, **named)
        self.layout, self.laboratories = layout, list(laboratories)
        self.is_own = layout["kind"] == Kind.OWN
        if self.is_own:
            del self.fields["provider"]
        for place, site in enumerate(self.laboratories, start=1):
            number = f"{place:02d}" if self.is_own or site.pk == own.pk else ""
            self.fields[f"site_{site.pk}"] = forms.CharField(
                label=str(site), required=False, initial=number, widget=forms.TextInput(PLAIN)
            )
        for at, sample, test in self._items():
            for name, field in _item_fields(test, is_own=self.is_own).items():
                if name == "limit_percent" and self.is_own and test.pk in proposals:
                    field.initial = proposals[test.pk].total_at()
                field.widget.attrs["aria-label"] = f"{field.label}: {test.code}, {sample}"
                self.fields[f"{name}_{at}"] = field

    def participants(self) -> list[BoundField]:
        """A field for each laboratory: its number in the round, empty where it takes no part."""
        return [self[f"site_{one.pk}"] for one in self.laboratories]

    def head(self) -> list[str]:
        """What the columns of the items are called."""
        names = _item_fields(None, is_own=self.is_own)
        return [str(one.label) for one in names.values()]

    def rows(self) -> list[ItemRow]:
        """The items, sample by sample."""
        names = _item_fields(None, is_own=self.is_own)
        return [
            ItemRow(sample, test, [self[f"{name}_{at}"] for name in names])
            for at, sample, test in self._items()
        ]

    def plan(self) -> RoundPlan:
        """The plan as the action takes it; call it when the form is valid."""
        given = self.cleaned_data
        numbers = {one.pk: str(given[f"site_{one.pk}"]).strip() for one in self.laboratories}
        return RoundPlan(
            code=given["code"],
            submit_by=given["submit_by"],
            samples=tuple(self._sample(one) for one in self.layout["samples"]),
            participants={pk: number for pk, number in numbers.items() if number},
            kind=self.layout["kind"],
            scheme=given["scheme"],
            provider=given.get("provider", ""),
            needed_percent=given["needed_percent"],
            note=given["note"],
        )

    def _items(self) -> list[tuple[int, str, Test]]:
        pairs = [(sample, test) for sample in self.layout["samples"] for test in self.layout["tests"]]
        return [(at, sample, test) for at, (sample, test) in enumerate(pairs)]

    def _sample(self, code: str) -> SamplePlan:
        own = [(at, test) for at, sample, test in self._items() if sample == code]
        items = tuple(self._item(at, test) for at, test in own if self.cleaned_data[f"basis_{at}"])
        return SamplePlan(code, items, self.cleaned_data["material"])

    def _item(self, at: int, test: Test) -> ItemPlan:
        def given(name: str) -> Any:
            return self.cleaned_data.get(f"{name}_{at}")

        is_word = test.scale != Test.Scale.QUANTITATIVE
        target = Target(
            basis=Basis(given("basis")),
            assigned=None if is_word else given("assigned"),
            u_assigned=given("u_assigned"),
            sigma=given("sigma"),
            limit=given("limit"),
            limit_percent=given("limit_percent"),
            expected=str(given("assigned") or "").strip() if is_word else "",
            at_least=given("at_least") or CONSENSUS_AT_LEAST,
        )
        return ItemPlan(test.code, target, given("unit") or None)


def _item_fields(test: Test | None, *, is_own: bool) -> dict[str, forms.Field]:
    """The fields of an item by name; a provider tells assigned values at the end."""
    bases = BASES if is_own else [(Basis.CONSENSUS.value, _("as the provider says"))]
    is_word = test is not None and test.scale != Test.Scale.QUANTITATIVE
    fields: dict[str, forms.Field] = {
        "basis": forms.ChoiceField(
            label=_("Assigned value from"),
            choices=[*bases, ("", _("not in this sample"))],
            required=False,
            initial=Basis.EXPERT.value if is_own and is_word else bases[0][0],
        )
    }
    if is_own:
        fields["assigned"] = _word() if is_word else _number(_("Assigned value"))
        fields["u_assigned"] = _number(_("u"))
    fields["sigma"] = _number(_("sigma"))
    fields["limit"] = _number(_("Allowed \u00b1"))
    fields["limit_percent"] = _number(_("Allowed \u00b1 %"))
    if is_own:
        fields["at_least"] = forms.IntegerField(label=_("Consensus of at least"), required=False, min_value=2)
    unit = test.unit if test else ""
    fields["unit"] = forms.CharField(
        label=_("Unit"), required=False, initial=unit, widget=forms.TextInput(PLAIN)
    )
    if is_word:
        for name in ONLY_NUMBERS & fields.keys():
            fields[name].widget = forms.HiddenInput()
    return fields


def _word() -> forms.CharField:
    return forms.CharField(label=_("Expected word"), required=False, widget=forms.TextInput(LINE))


def _number(label: Any) -> NumberField:
    return NumberField(label=label, required=False)
