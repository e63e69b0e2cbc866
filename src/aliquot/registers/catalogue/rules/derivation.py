"""A computed test: which formula, from which tests, and what it says for one set of results.

`<` and `>` are carried through where the formula surely rises or falls with the input, else refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any

from aliquot.foundation.units import UnitError, convert
from aliquot.registers.catalogue.rules.calculators.book import formulas
from aliquot.registers.catalogue.rules.calculators.calculation import Output
from aliquot.registers.catalogue.rules.calculators.quantities import substance_of
from aliquot.registers.catalogue.rules.calculators.refusals import NotDerivable, refusal_words
from aliquot.registers.catalogue.rules.substances import convert_substance

OF_PATIENT = frozenset({"age", "sex"})
"""Inputs that come from the patient, not from a test."""
_OPPOSITE = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Derivation:
    """A computed test: its unit (UCUM) and decimals, the formula, and the test code behind each input."""

    test: str
    unit: str
    decimals: int
    calculator: str
    inputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """A result that goes in: the value, its unit (UCUM), and "", "<", "<=", ">" or ">="."""

    value: Decimal
    unit: str
    comparator: str = ""


@dataclass(frozen=True, slots=True)
class Derived:
    """A result that comes out, in the test's unit and decimals; a bound is never rounded past itself."""

    value: Decimal
    comparator: str = ""


@dataclass(frozen=True, slots=True)
class NotDerived:
    """Why there is no value: `code` for programs, with the values of its sentence for people."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The reason in English; a screen translates `code` and `values` by `refusal_words` instead."""
        return refusal_words(self.code, self.values)


def derive(
    test: Derivation, results: Mapping[str, Measured], *, age: Decimal | None, sex: str
) -> Derived | NotDerived:
    """The computed result of `test` from `results` by test code, the patient's age in years and sex (M, F).

    NotDerived names what lacks, what the formula does not allow, or which `<` and `>` leave the value open.
    Codes: `unknown_calculator`, `input_missing`, `age_unknown`, `unit`, `open_bound`, and the formulas' own.
    """
    known = formulas().get(test.calculator)
    if known is None:
        return NotDerived("unknown_calculator", {"calculator": test.calculator})
    output, units = known
    try:
        taken = _taken(test, results, units) | _of_patient(output, age, sex)
        comparator = _comparator(test, output, results)
        return _rounded(test, output, taken, comparator)
    except NotDerivable as refusal:
        return NotDerived(refusal.code, refusal.values)
    except UnitError as fault:
        return NotDerived("unit", {"fault": str(fault)})


def faults(test: Derivation) -> list[str]:
    """What is wrong with a derivation as it stands in the table; empty when it can be computed."""
    known = formulas().get(test.calculator)
    if known is None:
        return [f"{test.test}: {test.calculator} is no formula."]
    output, _ = known
    given = set(test.inputs)
    lacking = sorted(output.needs - OF_PATIENT - given)
    strange = sorted(given - output.takes)
    return [
        *(f"{test.test}: {test.calculator} lacks {name}." for name in lacking),
        *(f"{test.test}: {test.calculator} does not take {name}." for name in strange),
    ]


def _taken(test: Derivation, results: Mapping[str, Measured], units: Mapping[str, str]) -> dict[str, Any]:
    taken: dict[str, Any] = {}
    for name, code in test.inputs.items():
        found = results.get(code)
        if found is None or not found.value.is_finite():
            raise NotDerivable("input_missing", test=test.test, input=code)
        taken[name] = convert_substance(found.value, found.unit, units[name], substance_of(name))
    return taken


def _of_patient(output: Output, age: Decimal | None, sex: str) -> dict[str, Any]:
    taken: dict[str, Any] = {}
    if "age" in output.takes and age is not None:
        taken["age"] = age
    elif "age" in output.needs:
        raise NotDerivable("age_unknown")
    if "sex" in output.takes:
        taken["sex"] = sex
    return taken


def _comparator(test: Derivation, output: Output, results: Mapping[str, Measured]) -> str:
    """The sign of the outcome; NotDerivable (`open_bound`) when the inputs' signs leave it open."""
    signs: set[str] = set()
    for name, code in test.inputs.items():
        sign = results[code].comparator
        if not sign:
            continue
        if name in output.rises:
            signs.add(sign)
        elif name in output.falls:
            signs.add(_OPPOSITE.get(sign, "?"))
        else:
            signs.add("?")
        if name in output.capped and sign.startswith(">"):
            signs.add("?")
    if not signs:
        return ""
    if signs <= {"<", "<="} or signs <= {">", ">="}:
        return min(signs, key=len)
    given = ", ".join(f"{code} {results[code].comparator}" for code in test.inputs.values())
    raise NotDerivable("open_bound", inputs=given.strip(), test=test.test)


def _rounded(test: Derivation, output: Output, taken: Mapping[str, Any], comparator: str) -> Derived:
    with localcontext(Context(prec=28)):
        value = convert(output.formula(**taken), output.unit, test.unit)
    # a bound moves away from what is bounded: < 3.24 said with one decimal is < 3.3, > 3.27 is > 3.2
    way = {"<": ROUND_CEILING, ">": ROUND_FLOOR}.get(comparator[:1], ROUND_HALF_UP)
    return Derived(value.quantize(Decimal(1).scaleb(-test.decimals), rounding=way), comparator)
