"""Why a quantity is not computed: a name for programs, a sentence for people in their language."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType


def gettext_noop(text: str) -> str:
    """Mark a sentence for the translators."""
    return text


SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "not_positive": gettext_noop("{name} is {value}: the formula needs a number above zero."),
        "negative": gettext_noop("{name} is {value}: the formula needs zero or more."),
        "age_under_18": gettext_noop("The equation is for adults; {age} years is under 18."),
        "age_implausible": gettext_noop("{age} years is no age the equation knows; check the birth date."),
        "age_under_1": gettext_noop("The equation is for ages from 1 year; {age} is below."),
        "age_over_18": gettext_noop("The equation is for children; {age} years is not under 18."),
        "age_unknown": gettext_noop("The formula needs the patient's birth date."),
        "sex_unknown": gettext_noop("The equation needs the sex of the patient: M or F."),
        "hdl_above_total": gettext_noop("HDL cholesterol is above total cholesterol: check both results."),
        "triglycerides_low": gettext_noop("Triglycerides of {value} mg/dL lie below the table."),
        "triglycerides_high": gettext_noop(
            "Triglycerides of {value} {unit} are above {limit}: measure LDL cholesterol directly."
        ),
        "ldl_not_positive": gettext_noop("The formula leaves no LDL cholesterol: measure it directly."),
        "bicarbonate_normal": gettext_noop(
            "Bicarbonate is 24: nothing is missing that the gap could explain."
        ),
        "free_above_total": gettext_noop("Free PSA is above total PSA: check both results."),
        "direct_above_total": gettext_noop("Direct bilirubin is above total bilirubin: check both results."),
        "albumin_above_total": gettext_noop("Albumin is not below total protein: check both results."),
        "logarithm": gettext_noop("Insulin times glucose is not above 1: the index has no meaning there."),
        "below_equation": gettext_noop("An HbA1c at or below 2.152 % has no IFCC value: check the result."),
        "input_missing": gettext_noop("{test} waits for {input}."),
        "input_not_a_number": gettext_noop("{input} is not a number."),
        "no_result": gettext_noop("no result of {inputs}."),
        "open_bound": gettext_noop("The signs of {inputs} leave {test} open."),
        "unknown_calculator": gettext_noop("{calculator} is no formula: check derived.csv."),
        "unit": gettext_noop("The units do not fit: {fault}"),
    }
)
"""The sentence of each refusal by its code; a screen translates it, a program reads it in English."""
QUANTITIES: Mapping[str, str] = MappingProxyType(
    {
        one: one
        for one in (
            gettext_noop("creatinine"),
            gettext_noop("cystatin"),
            gettext_noop("height"),
            gettext_noop("weight"),
            gettext_noop("plasma"),
            gettext_noop("urine"),
            gettext_noop("urine_creatinine"),
            gettext_noop("amount"),
            gettext_noop("cholesterol"),
            gettext_noop("triglycerides"),
            gettext_noop("albumin"),
            gettext_noop("glucose"),
            gettext_noop("ethanol"),
            gettext_noop("osmolality"),
            gettext_noop("calcium"),
            gettext_noop("reticulocytes"),
            gettext_noop("bilirubin"),
            gettext_noop("direct"),
            gettext_noop("platelets"),
            gettext_noop("protein"),
            gettext_noop("insulin"),
            gettext_noop("iron"),
            gettext_noop("transferrin"),
            gettext_noop("urea"),
        )
    }
)
"""Quantities that have a name of their own in another language; symbols (Na, HbA1c) are the same in all."""


def refusal_words(code: str, values: Mapping[str, str], translate: Callable[[str], str] = str) -> str:
    """The sentence of a refusal in the language of `translate`; an unknown code says itself."""
    said = dict(values)
    if name := QUANTITIES.get(said.get("name", "")):
        said["name"] = translate(name)
    sentence = SENTENCES.get(code)
    return translate(sentence).format(**said) if sentence else code


class NotDerivable(ValueError):  # noqa: N818 - it names what is so, as Refused does
    """The inputs lie outside what the formula is valid for; `code` names why, the text says what to do."""

    def __init__(self, code: str, **values: object) -> None:
        self.code, self.values = code, {name: str(value) for name, value in values.items()}
        super().__init__(refusal_words(code, self.values))


def need_positive(**inputs: Decimal) -> None:
    """Raise NotDerivable (`not_positive`) unless every input is above zero."""
    for name, value in inputs.items():
        if not value.is_finite() or value <= 0:
            raise NotDerivable("not_positive", name=name, value=value)


def need_not_negative(**inputs: Decimal) -> None:
    """Raise NotDerivable (`negative`) unless every input is zero or more."""
    for name, value in inputs.items():
        if not value.is_finite() or value < 0:
            raise NotDerivable("negative", name=name, value=value)


def need_adult(age: Decimal) -> None:
    """Raise NotDerivable (`age_under_18`) below 18 years, (`age_implausible`) above 120."""
    if age < 18:  # noqa: PLR2004 - the age from which adult equations are validated
        raise NotDerivable("age_under_18", age=age)
    _need_plausible(age)


def need_child(age: Decimal) -> None:
    """Raise NotDerivable (`age_over_18`) from 18 years, (`age_under_1`) below one year."""
    if age < 1:
        raise NotDerivable("age_under_1", age=age)
    if age >= 18:  # noqa: PLR2004 - the age up to which the equation was developed
        raise NotDerivable("age_over_18", age=age)


def need_sex(sex: str) -> bool:
    """Whether the patient is a woman; NotDerivable (`sex_unknown`) when neither M nor F is known."""
    if sex not in {"M", "F"}:
        raise NotDerivable("sex_unknown")
    return sex == "F"


def _need_plausible(age: Decimal) -> None:
    if not age <= 120:  # noqa: PLR2004 - nobody in the equations' cohorts was older
        raise NotDerivable("age_implausible", age=age)
