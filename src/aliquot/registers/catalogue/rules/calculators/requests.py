"""From named inputs to a computed answer: which calculation is meant, in which units, and what it says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Any

from aliquot.registers.catalogue.rules.calculators.book import CALCULATIONS
from aliquot.registers.catalogue.rules.calculators.calculation import UNITLESS, Calculation, Form, Output
from aliquot.registers.catalogue.rules.calculators.quantities import (
    SAME_SUBSTANCE,
    Given,
    InputError,
    fits,
    in_unit,
    normalised,
    split_field,
    substance_of,
    unit_named,
)
from aliquot.registers.catalogue.rules.calculators.refusals import NotDerivable

_DIGITS = Context(prec=15)
_SEXES = {
    "m": "M",
    "male": "M",
    "man": "M",
    "м": "M",
    "f": "F",
    "female": "F",
    "woman": "F",
    "w": "F",
    "ж": "F",
}
_YES = {
    "black": True,
    "white": False,
    "other": False,
    "non-black": False,
    "true": True,
    "yes": True,
    "1": True,
    "false": False,
    "no": False,
    "0": False,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a calculation says: values and refusals by key; units that were not said; fields not used."""

    calculation: str
    values: dict[str, Decimal]
    refusals: dict[str, NotDerivable]
    assumed: dict[str, str]
    unused: tuple[str, ...]


def calculate(inputs: Mapping[str, Any]) -> Answer:
    """The answer to one set of inputs; `calculator` names the formula, else the inputs' names decide.

    Raises InputError for a field, unit or value that is unknown or malformed, or when inputs lack.
    """
    asked = inputs.get("calculator") or inputs.get("formula") or ""
    if not isinstance(asked, str):
        raise InputError("calculator: give the name of the calculation as text.")
    given, flags = _read(
        {key: value for key, value in inputs.items() if key not in {"calculator", "formula"}}
    )
    calculation = _chosen(asked, {one.name for one in given} | flags.keys())
    form = _form(calculation, given, normalised(asked))
    taken = {**flags, **_in_units(form, given)}
    values, refusals = _computed(form.outputs, taken)
    used = {name for one in form.outputs for name in one.takes}
    unused = [one.field for one in given if not {one.name, SAME_SUBSTANCE.get(one.name)} & used]
    assumed = {
        one.field: form.units[one.name]
        for one in given
        if not one.unit and form.units.get(one.name, "1") != "1"
    }
    return Answer(calculation.name, values, refusals, assumed, tuple(unused))


def names() -> list[str]:
    """Every calculation that can be asked for."""
    return [one.name for one in CALCULATIONS]


def _computed(
    outputs: Iterable[Output], taken: Mapping[str, Any]
) -> tuple[dict[str, Decimal], dict[str, NotDerivable]]:
    values: dict[str, Decimal] = {}
    refusals: dict[str, NotDerivable] = {}
    for output in outputs:
        if not output.needs <= taken.keys():
            continue
        with localcontext(Context(prec=28)):
            try:
                found = output.formula(**{name: taken[name] for name in output.takes & taken.keys()})
            except NotDerivable as refusal:
                refusals[output.key] = refusal
            else:
                values[output.key] = _DIGITS.plus(found)
    return values, refusals


def _chosen(asked: str, given: set[str]) -> Calculation:
    known = given | {SAME_SUBSTANCE[name] for name in given & SAME_SUBSTANCE.keys()}
    if not asked:
        return _inferred(known)
    text = normalised(asked).replace("_", " ")
    meant = [one for one in CALCULATIONS if one.pattern.search(text)]
    if not meant:
        raise InputError(f"calculator: {asked!r} is none of {', '.join(names())}.")
    for one in meant:
        if any(form.outputs[0].needs <= known for form in one.forms):
            return one
    lacking = ", ".join(sorted(meant[0].needs - known))
    raise InputError(f"{meant[0].name} lacks {lacking}.")


def _inferred(known: set[str]) -> Calculation:
    for one in (one for one in CALCULATIONS if not one.is_superseded):
        if (
            any(form.outputs[0].needs <= known for form in one.forms)
            and known <= one.takes | SAME_SUBSTANCE.keys()
        ):
            return one
    found = ", ".join(sorted(known)) or "nothing"
    raise InputError(f"calculator: no calculation takes exactly {found}; name one of {', '.join(names())}.")


def _form(calculation: Calculation, given: list[Given], asked: str) -> Form:
    """The form that takes the inputs as they were written, without a molar mass, as far as possible."""

    def nearness(form: Form) -> int:
        said = sum(fits(one, form.units[one.name]) for one in given if one.name in form.units)
        return 2 * said + ("mmol_l" in asked and "mmol/L" in form.units.values())

    return max(calculation.forms, key=nearness)


def _in_units(form: Form, given: list[Given]) -> dict[str, Decimal]:
    taken: dict[str, Decimal] = {}
    for one in given:
        name = one.name if one.name in form.units else SAME_SUBSTANCE.get(one.name, one.name)
        if name in form.units:
            if name in taken:
                raise InputError(f"{one.field}: {name} is given twice.")
            taken[name] = in_unit(one, name, form.units[name])
    return taken


def _read(inputs: Mapping[str, Any]) -> tuple[list[Given], dict[str, Any]]:
    given: list[Given] = []
    flags: dict[str, Any] = {}
    for field, raw in inputs.items():
        found = split_field(field)
        if found is None:
            raise InputError(f"{field}: no calculation knows this input; check its name and the unit in it.")
        name, unit = found
        if name in UNITLESS:
            flags[name] = _sex(field, raw) if name == "sex" else _flag(field, raw)
        elif raw is not None:
            given.append(_quantity(field, name, unit, raw))
    doubled = {one.name for one in given if sum(one.name == other.name for other in given) > 1}
    if doubled:
        raise InputError(f"{', '.join(sorted(doubled))}: given twice; leave one of them.")
    return given, flags


def _quantity(field: str, name: str, unit: str, raw: Any) -> Given:
    if isinstance(raw, Mapping):
        if not raw.keys() <= {"value", "unit"} or "value" not in raw:
            raise InputError(f"{field}: write a number, or an object with value and unit.")
        unit = unit_named(str(raw["unit"])) if raw.get("unit") else unit
        raw = raw["value"]
    return Given(field, name, number(field, raw), unit, substance_of(name))


def number(field: str, raw: Any) -> Decimal:
    """A JSON number or a text with one as Decimal; InputError, which names the field, for anything else."""
    if isinstance(raw, bool) or not isinstance(raw, (int, Decimal, str)):
        raise InputError(f"{field}: {raw!r} is no number.")
    try:
        value = Decimal(raw.strip()) if isinstance(raw, str) else Decimal(raw)
    except ArithmeticError as fault:
        raise InputError(
            f"{field}: {raw!r} is no number; write it with a decimal point and without a unit."
        ) from fault
    if not value.is_finite():
        raise InputError(f"{field}: {raw!r} is no finite number.")
    return value


def _sex(field: str, raw: Any) -> str:
    if isinstance(raw, str) and (sex := _SEXES.get(raw.strip().lower())):
        return sex
    raise InputError(f"{field}: {raw!r} is neither M (male) nor F (female).")


def _flag(field: str, raw: Any) -> bool:
    if (answer := _YES.get(str(raw).strip().lower())) is not None:
        return answer
    raise InputError(f"{field}: {raw!r} is neither true nor false.")
