"""Why a quantity is not computed: a name for programs, a sentence for people."""

from decimal import Decimal


class NotDerivable(ValueError):  # noqa: N818 - it names what is so, as Refused does
    """The inputs lie outside what the formula is valid for; `code` names why, the text says what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def need_positive(**inputs: Decimal) -> None:
    """Raise NotDerivable (`not_positive`) unless every input is above zero."""
    for name, value in inputs.items():
        if not value.is_finite() or value <= 0:
            raise NotDerivable("not_positive", f"{name} is {value}: the formula needs a number above zero.")


def need_not_negative(**inputs: Decimal) -> None:
    """Raise NotDerivable (`negative`) unless every input is zero or more."""
    for name, value in inputs.items():
        if not value.is_finite() or value < 0:
            raise NotDerivable("negative", f"{name} is {value}: the formula needs zero or more.")


def need_adult(age: Decimal) -> None:
    """Raise NotDerivable (`age_under_18`) below 18 years, (`age_implausible`) above 120."""
    if age < 18:  # noqa: PLR2004 - the age from which adult equations are validated
        raise NotDerivable("age_under_18", f"The equation is for adults; {age} years is under 18.")
    _need_plausible(age)


def need_child(age: Decimal) -> None:
    """Raise NotDerivable (`age_over_18`) from 18 years, (`age_under_1`) below one year."""
    if age < 1:
        raise NotDerivable("age_under_1", f"The equation is for ages from 1 year; {age} is below.")
    if age >= 18:  # noqa: PLR2004 - the age up to which the equation was developed
        raise NotDerivable("age_over_18", f"The equation is for children; {age} years is not under 18.")


def need_sex(sex: str) -> bool:
    """Whether the patient is a woman; NotDerivable (`sex_unknown`) when neither M nor F is known."""
    if sex not in {"M", "F"}:
        raise NotDerivable("sex_unknown", "The equation needs the sex of the patient: M or F.")
    return sex == "F"


def _need_plausible(age: Decimal) -> None:
    if not age <= 120:  # noqa: PLR2004 - nobody in the equations' cohorts was older
        raise NotDerivable(
            "age_implausible", f"{age} years is no age the equation knows; check the birth date."
        )
