"""Forms of a round: receipt, results, tables, checks of the material, the steps of a case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from aliquot.entrypoints.web.quality.forms import LINE, CauseSelect, NumberField, moment
from aliquot.entrypoints.web.shell.wording import number_text
from aliquot.flow.instruments.models import Analyzer
from aliquot.oversight.proficiency.actions import Returned, SchemePlan
from aliquot.oversight.proficiency.models import (
    FailureStep,
    Participation,
    ProficiencyItem,
    ProficiencyResult,
    ProficiencySample,
    SampleReceipt,
)
from aliquot.oversight.proficiency.queries import WorkLine
from aliquot.oversight.proficiency.rules.entries import read_number
from aliquot.oversight.proficiency.rules.investigation import FINDINGS

Condition = SampleReceipt.Condition
FILE_AT_MOST = 5 * 1024 * 1024
PLAIN = {"autocomplete": "off", "spellcheck": "false"}
METHODS = {"list": "methods", **LINE}


def _labelled(field: forms.Field, label: object) -> forms.Field:
    """A field in a table's cell, which says itself what it is of."""
    field.widget.attrs["aria-label"] = str(label)
    return field


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A sample with the fields that are still to be filled; None for what is known."""

    sample: ProficiencySample
    receipt: SampleReceipt | None
    condition: BoundField | None
    note: BoundField | None
    tube: BoundField | None


class ReceiptForm(forms.Form):
    """How each sample came, and the tube it was taken in as."""

    def __init__(
        self, samples: Iterable[tuple[ProficiencySample, SampleReceipt | None]], *args: Any, **named: Any
    ) -> None:
        super().__init__(*args, **named)
        self.samples = list(samples)
        for sample, receipt in self.samples:
            if receipt is None:
                self._ask(sample)
            elif receipt.specimen_id is None and receipt.condition != Condition.MISSING:
                self.fields[f"tube_{sample.pk}"] = self._line(_("Tube of sample %(code)s"), sample)

    def _ask(self, sample: ProficiencySample) -> None:
        choices = [("", _("not here yet")), *Condition.choices]
        words = _("Condition of sample %(code)s") % {"code": sample.code}
        self.fields[f"condition_{sample.pk}"] = _labelled(
            forms.ChoiceField(choices=choices, required=False), words
        )
        self.fields[f"note_{sample.pk}"] = self._line(_("Note on sample %(code)s"), sample)
        self.fields[f"tube_{sample.pk}"] = self._line(_("Tube of sample %(code)s"), sample)

    @staticmethod
    def _line(words: Any, sample: ProficiencySample) -> forms.Field:
        return _labelled(
            forms.CharField(required=False, widget=forms.TextInput(PLAIN)), words % {"code": sample.code}
        )

    def rows(self) -> list[ReceiptRow]:
        """The samples in their order."""
        return [
            ReceiptRow(
                sample,
                receipt,
                *(self._bound(f"{name}_{sample.pk}") for name in ("condition", "note", "tube")),
            )
            for sample, receipt in self.samples
        ]

    def given(self, name: str, sample: ProficiencySample) -> str:
        """What was said of a sample; call it when the form is valid."""
        return str(self.cleaned_data.get(f"{name}_{sample.pk}", ""))

    def _bound(self, name: str) -> BoundField | None:
        return self[name] if name in self.fields else None


@dataclass(frozen=True, slots=True)
class ResultRow:
    """An item with its fields."""

    line: WorkLine
    value: BoundField
    unit: BoundField
    u: BoundField
    method: BoundField


class ResultsForm(forms.Form):
    """What was measured, item by item; an empty value is one that is not returned yet."""

    def __init__(self, lines: Iterable[WorkLine], *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.lines = list(lines)
        for line in self.lines:
            self._ask(line)

    def _ask(self, line: WorkLine) -> None:
        item, kept = line.item, line.result
        about = {"test": item.test.code, "sample": item.sample.code}
        unit, method = (forms.CharField(widget=forms.TextInput(given)) for given in (PLAIN, METHODS))
        for name, words, field in (
            ("value", _("%(test)s in sample %(sample)s"), _value_field(item)),
            ("unit", _("unit of %(test)s in sample %(sample)s"), unit),
            ("u", _("uncertainty of %(test)s in sample %(sample)s"), NumberField()),
            ("method", _("method of %(test)s in sample %(sample)s"), method),
        ):
            field.required = False
            self.fields[f"{name}_{item.pk}"] = _labelled(field, words % about)
        self.initial[f"value_{item.pk}"] = _kept_text(kept, item) if kept else ""
        self.initial[f"unit_{item.pk}"] = item.unit
        self.initial[f"u_{item.pk}"] = kept.u.normalize() if kept and kept.u is not None else None
        self.initial[f"method_{item.pk}"] = kept.method if kept else ""

    def rows(self) -> list[ResultRow]:
        """The items in their order."""
        names = ("value", "unit", "u", "method")
        return [ResultRow(one, *(self[f"{name}_{one.item.pk}"] for name in names)) for one in self.lines]

    def changed(self) -> list[tuple[WorkLine, Returned]]:
        """What differs from what is kept; call it when the form is valid."""
        names = ("value", "unit", "u", "method")
        found = []
        for line in self.lines:
            key = line.item.pk
            said = {name: self.cleaned_data[f"{name}_{key}"] for name in names}
            if said["value"] and any(f"{name}_{key}" in self.changed_data for name in names):
                found.append((line, self._returned(line, said)))
        return found

    def _returned(self, line: WorkLine, said: dict[str, Any]) -> Returned:
        u: Decimal | None = said["u"]
        kept = line.result if f"value_{line.item.pk}" not in self.changed_data else None
        return Returned(
            said["value"],
            said["unit"],
            u,
            said["method"],
            kept.analyzer if kept else None,
            kept.result_id if kept else None,
        )


def _value_field(item: ProficiencyItem) -> forms.Field:
    """A line to write in; on a scale of words, the scale."""
    if item.is_quantitative or not item.grades:
        return forms.CharField(widget=forms.TextInput({**PLAIN, "inputmode": "decimal"}))
    words = [one.split("|")[0] for one in item.grades]
    return forms.ChoiceField(choices=[("", "\u2014"), *((one, one) for one in words)])


def _kept_text(kept: ProficiencyResult, item: ProficiencyItem) -> str:
    """As it was entered, or in the item's unit where it was entered in another."""
    if not item.is_quantitative and item.grades:
        return next((one.split("|")[0] for one in item.grades if kept.text in one.split("|")), kept.text)
    try:
        is_as_entered = kept.value is None or read_number(kept.text) == kept.value
    except ValueError:
        is_as_entered = False
    return kept.text if is_as_entered or kept.value is None else number_text(kept.value.normalize())


class FurtherForm(forms.Form):
    """What another analyzer measured in a sample of the round."""

    item = forms.ModelChoiceField(ProficiencyItem.objects.none(), label=_("Sample and test"))
    analyzer = forms.ModelChoiceField(
        Analyzer.objects.none(), label=_("Further analyzer"), to_field_name="code"
    )
    value = forms.CharField(label=_("Result"), widget=forms.TextInput({**PLAIN, "inputmode": "decimal"}))

    def __init__(self, part: Participation, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        items = ProficiencyItem.objects.filter(round_id=part.round_id).select_related("sample", "test")
        own = Analyzer.objects.filter(laboratory_id=part.laboratory_id, is_active=True)
        for name, several, words in (
            ("item", items.order_by("sample_id", "id"), _item_text),
            ("analyzer", own.order_by("code"), _analyzer_text),
        ):
            field: Any = self.fields[name]
            field.queryset, field.label_from_instance = several, words

    def returned(self) -> Returned:
        """What was measured; call it when the form is valid."""
        return Returned(self.cleaned_data["value"], analyzer=self.cleaned_data["analyzer"])


def _item_text(one: ProficiencyItem) -> str:
    return f"{one.sample.code} {one.test.code}"


def _analyzer_text(one: Analyzer) -> str:
    return f"{one.code} \u00b7 {one.name}" if one.name != one.code else one.code


class SchemeForm(forms.Form):
    """The rounds of a scheme in the calendar."""

    scheme = forms.CharField(
        label=_("Scheme"), widget=forms.TextInput(LINE), error_messages={"required": _("Name the scheme.")}
    )
    provider = forms.CharField(label=_("Provider"), required=False, widget=forms.TextInput(LINE))
    tests = forms.CharField(label=_("Tests"), widget=forms.TextInput(PLAIN))
    first = forms.DateField(
        label=_("First samples on"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    due_after = forms.IntegerField(label=_("Days until results are due"), initial=14)
    every_months = forms.IntegerField(label=_("Every so many months"), initial=3)
    count = forms.IntegerField(label=_("Number of rounds"), initial=4)

    def plan(self) -> SchemePlan:
        """The plan as the action takes it; call it when the form is valid."""
        given = self.cleaned_data
        tests = given["tests"].replace(",", " ").replace(";", " ").split()
        return SchemePlan(**{**given, "tests": tuple(tests)})


class DropForm(forms.Form):
    """Why a round is not to be expected any more."""

    reason = forms.CharField(
        label=_("Why it is not to be expected"),
        widget=forms.TextInput(LINE),
        error_messages={"required": _("Say why this round is not to be expected.")},
    )


class TableForm(forms.Form):
    """A table as a file."""

    file = forms.FileField(
        label=_("Table (XLSX or CSV)"), widget=forms.FileInput({"accept": ".csv,.xlsx,.xls,.ods"})
    )

    def __init__(self, *args: Any, label: Any = None, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["file"].label = label or self.fields["file"].label

    def clean_file(self) -> Any:
        """A file that a person made; a larger one is something else."""
        found = self.cleaned_data["file"]
        if found.size > FILE_AT_MOST:
            raise forms.ValidationError(_("This file is too large for a round: 5 MB at most."))
        return found


class ExtendForm(forms.Form):
    """A later deadline."""

    submit_by = moment(_("New deadline"))


class CancelForm(forms.Form):
    """Why a round is given up."""

    note = forms.CharField(
        label=_("Why it is given up"),
        widget=forms.TextInput(LINE),
        error_messages={"required": _("Say why the round is given up: it is kept with the round.")},
    )


class HomogeneityForm(forms.Form):
    """Portions of the material, each measured as often."""

    values = forms.CharField(
        label=_("Portions, one in a line"),
        widget=forms.Textarea({"rows": 10, **PLAIN}),
        help_text=_("the values of a portion parted by blanks: 5.02 5.05"),
    )

    def clean_values(self) -> list[list[Decimal]]:
        """Each line a portion."""
        return [_numbers(line) for line in str(self.cleaned_data["values"]).splitlines() if line.strip()]


class StabilityForm(forms.Form):
    """The material before it was sent and at the end."""

    before = forms.CharField(label=_("Measured before"), widget=forms.TextInput(PLAIN))
    after = forms.CharField(label=_("Measured after"), widget=forms.TextInput(PLAIN))

    def clean_before(self) -> list[Decimal]:
        """The values, parted by blanks."""
        return _numbers(self.cleaned_data["before"])

    def clean_after(self) -> list[Decimal]:
        """The values, parted by blanks."""
        return _numbers(self.cleaned_data["after"])


def _numbers(line: str) -> list[Decimal]:
    found = []
    for word in line.replace(";", " ").split():
        try:
            found.append(read_number(word))
        except ValueError as fault:
            words = _("\u201c%(text)s\u201d is no number. Part the values by blanks.") % {"text": word}
            raise forms.ValidationError(words) from fault
    return found


class StepForm(forms.Form):
    """The answer to one step of an investigation."""

    finding = forms.ChoiceField(
        label=_("What this step found"),
        widget=CauseSelect,
        error_messages={"required": _("Choose what this step found.")},
    )
    note = forms.CharField(
        label=_("What was looked at"),
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("Say what was looked at: it is kept with the answer.")},
    )

    def __init__(self, step: str, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        labels = dict(FailureStep.Finding.choices)
        choices: Sequence[tuple[str, Any]] = [
            (one, labels[FailureStep.Finding(one)]) for one in FINDINGS[step]
        ]
        self.fields["finding"].choices = choices  # type: ignore[attr-defined]


class ConclusionForm(forms.Form):
    """How a case ends."""

    conclusion = forms.CharField(
        label=_("What was found, and what is done about it"),
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("Say what was found and what is done about it.")},
    )
