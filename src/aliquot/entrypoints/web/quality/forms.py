"""Forms of control: the answer to a broken rule, values by hand, lots, targets and plans."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from aliquot.entrypoints.web.shell.wording import number_text
from aliquot.flow.quality.models import ControlLot, ControlPlan, ControlViolation

MINUTES, MINUTES_FORMAT = {"type": "datetime-local"}, "%Y-%m-%dT%H:%M"
LINE = {"autocomplete": "off"}
MOST_LEVELS = 4


class NumberField(forms.DecimalField):
    """A number with a decimal point or comma, typed as text so that both are taken."""

    widget = forms.TextInput

    def __init__(self, **named: Any) -> None:
        super().__init__(max_digits=18, decimal_places=6, **named)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override] # the stubs say int
        """Spaces between thousands and a typeset minus are taken, too."""
        plain = str(value).replace("\u202f", "").replace(" ", "").replace("\u2212", "-").replace(",", ".")
        return super().to_python(plain if value not in self.empty_values else value)

    def prepare_value(self, value: Any) -> Any:
        """As the reader's language writes it."""
        return number_text(value) if isinstance(value, Decimal) else value


def moment(label: Any, *, required: bool = True) -> forms.DateTimeField:
    """A date with its time, typed by the clock of the person's place."""
    return forms.DateTimeField(
        label=label, required=required, widget=forms.DateTimeInput(MINUTES, format=MINUTES_FORMAT)
    )


class CauseSelect(forms.RadioSelect):
    """Causes one under another, each chosen by its number key; the first has the focus."""

    def create_option(self, *args: Any, **named: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(*args, **named)
        place = int(option["index"]) + 1
        option["attrs"] |= {"data-key": str(place), "data-key-text": str(option["label"])}
        option["label"] = format_html("<kbd>{}</kbd> {}", place, option["label"])
        if place == 1:
            option["attrs"]["autofocus"] = True
        return option


class AnswerForm(forms.Form):
    """What was found and done about the rules that are open."""

    cause = forms.ChoiceField(
        label=_("What was found"),
        choices=ControlViolation.Cause.choices,
        widget=CauseSelect,
        error_messages={"required": _("Choose what was found.")},
    )
    action = forms.CharField(
        label=_("What was done"),
        widget=forms.TextInput(LINE),
        error_messages={"required": _("Say what was done: it is kept with the run.")},
    )
    violation = forms.TypedMultipleChoiceField(coerce=int, required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, open_ids: Sequence[int], data: Any = None) -> None:
        super().__init__(data, initial={"violation": list(open_ids)})
        self.fields["violation"].choices = [(one, one) for one in open_ids]  # type: ignore[attr-defined]


class AsideForm(forms.Form):
    """Which value does not count, and why."""

    result = forms.TypedChoiceField(label=_("Value"), coerce=int)
    reason = forms.CharField(
        label=_("Why it does not count"),
        widget=forms.TextInput(LINE),
        error_messages={"required": _("Say why this value does not count.")},
    )

    def __init__(self, values: Iterable[tuple[int, str]], *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["result"].choices = list(values)  # type: ignore[attr-defined]


class EnterForm(forms.Form):
    """Values of controls that no line brings, one field for each level in use."""

    def __init__(self, lots: Iterable[ControlLot], *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.lots = {f"value_{one.pk}": one for one in lots}
        for name, lot in self.lots.items():
            words = _("Level %(level)s: %(material)s, lot %(lot)s") % {
                "level": lot.level,
                "material": lot.material.name,
                "lot": lot.number,
            }
            self.fields[name] = NumberField(label=words, required=False)
        self.fields["measured_at"] = moment(_("Measured"))
        self.fields["measured_at"].initial = timezone.now

    def given(self) -> list[tuple[ControlLot, Decimal]]:
        """The lots that have a value; call it when the form is valid."""
        found = ((lot, self.cleaned_data[name]) for name, lot in self.lots.items())
        return [(lot, value) for lot, value in found if value is not None]


class MaterialForm(forms.Form):
    """A material that is measured as control."""

    name = forms.CharField(
        label=_("Material"),
        widget=forms.TextInput(LINE),
        error_messages={"required": _("Name the material as its package does.")},
    )
    manufacturer = forms.CharField(label=_("Manufacturer"), required=False, widget=forms.TextInput(LINE))
    matrix = forms.CharField(label=_("Matrix (serum, whole blood ...)"), required=False)


class LotForm(forms.Form):
    """A new lot in all its levels."""

    number = forms.CharField(
        label=_("Lot"),
        widget=forms.TextInput(LINE),
        error_messages={"required": _("Write the lot's number as its package says it.")},
    )
    expires_at = moment(_("Expires"), required=False)
    levels = forms.TypedChoiceField(
        label=_("Levels"), coerce=int, choices=[(one, one) for one in range(1, MOST_LEVELS + 1)], initial=2
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        for level in range(1, MOST_LEVELS + 1):
            label = _("Level %(level)s: analyzers call it") % {"level": level}
            self.fields[f"codes_{level}"] = forms.CharField(
                label=label, required=False, widget=forms.TextInput(LINE)
            )

    def codes(self, level: int) -> tuple[str, ...]:
        """The names of a level, parted by commas; call it when the form is valid."""
        named = str(self.cleaned_data[f"codes_{level}"]).split(",")
        return tuple(one.strip() for one in named if one.strip())


class TargetForm(forms.Form):
    """A target that a person says: mean and SD, a maker's range, or what a peer group found."""

    how = forms.ChoiceField(
        choices=[
            (one, one) for one in ("established", "transferred", "fixed", "range", "peer", "floating", "gost")
        ]
    )
    lot = forms.IntegerField()
    mean = NumberField(label=_("Mean"), required=False)
    sd = NumberField(label=_("SD"), required=False)
    low = NumberField(label=_("From"), required=False)
    high = NumberField(label=_("To"), required=False)
    laboratories = forms.IntegerField(label=_("Laboratories"), required=False, min_value=1)
    cv10 = NumberField(label=_("CV10, %"), required=False)
    cv20 = NumberField(label=_("CV20, %"), required=False)
    assigned = NumberField(label=_("Assigned value of the material"), required=False)
    b10 = NumberField(label=_("B10, %"), required=False)
    b20 = NumberField(label=_("B20, %"), required=False)
    note = forms.CharField(label=_("Note"), required=False)

    def said(self) -> list[tuple[str, Any, Any]]:
        """The fields of a target that is said, each with its label and what is wrong with it."""
        return self._fields("mean", "sd", "low", "high", "laboratories", "note")

    def limits(self) -> list[tuple[str, Any, Any]]:
        """The fields of the Russian series, likewise."""
        return self._fields("cv10", "cv20", "assigned", "b10", "b20")

    def _fields(self, *names: str) -> list[tuple[str, Any, Any]]:
        return [(name, self[name].label, self.errors.get(name, [])) for name in names]


class SigmaForm(forms.Form):
    """What the rules are chosen from, in per cent at the decision level."""

    allowable = NumberField(label=_("Allowable error, %"), required=False)
    bias = NumberField(label=_("Bias, %"), required=False)
    cv = NumberField(label=_("CV, %"), required=False)


class PlanForm(forms.Form):
    """How a test is controlled."""

    rules = forms.CharField(
        label=_("Rules that reject"),
        widget=forms.TextInput(LINE),
        error_messages={"required": _("Choose at least one rule that rejects.")},
    )
    warnings = forms.CharField(label=_("Rules that only warn"), required=False, widget=forms.TextInput(LINE))
    levels = forms.IntegerField(label=_("Levels in a run"), min_value=1, max_value=9)
    run_minutes = forms.IntegerField(label=_("Controls within so many minutes are one run"), min_value=1)
    every_minutes = forms.IntegerField(
        label=_("A run is due after so many minutes"), min_value=1, required=False
    )
    every_results = forms.IntegerField(
        label=_("or after so many patient results"), min_value=1, required=False
    )
    resume = forms.ChoiceField(label=_("Release goes on"), choices=ControlPlan.Resume.choices)
    sigma = NumberField(required=False, widget=forms.HiddenInput)
    note = forms.CharField(label=_("Note"), required=False, widget=forms.TextInput(LINE))
    others = forms.BooleanField(
        label=_("Also for every test of this analyzer that has no plan yet"), required=False
    )

    def names(self, field: str) -> tuple[str, ...]:
        """Rules parted by commas, slashes or blanks; call it when the form is valid."""
        return tuple(str(self.cleaned_data[field]).replace(",", " ").replace("/", " ").split())


class AdoptForm(forms.Form):
    """To which lot belongs what an analyzer calls so."""

    code = forms.CharField(widget=forms.HiddenInput)
    lot = forms.ModelChoiceField(ControlLot.objects.none(), label=_("Lot and level"))

    def __init__(self, lots: Any, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["lot"].queryset = lots  # type: ignore[attr-defined]
        self.fields["lot"].label_from_instance = lot_words  # type: ignore[attr-defined]


def lot_words(lot: ControlLot) -> str:
    """A lot in a list."""
    return _("%(material)s, lot %(lot)s, level %(level)s") % {
        "material": lot.material.name,
        "lot": lot.number,
        "level": lot.level,
    }
