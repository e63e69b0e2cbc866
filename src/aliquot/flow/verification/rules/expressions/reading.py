"""One reader for each word that looks at the facts: what it gives, or None when that is unknown."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TypeAlias

from aliquot.flow.verification.rules.expressions import intervals
from aliquot.flow.verification.rules.expressions.facts import Facts, Measured
from aliquot.flow.verification.rules.expressions.intervals import EXACT, Interval, Value
from aliquot.flow.verification.rules.expressions.syntax import Call, Code, Fact

Read: TypeAlias = Code | Fact | Call
ReadNumber: TypeAlias = Callable[[Facts], Value | None]
ReadText: TypeAlias = Callable[[Facts], str | None]
ReadBoolean: TypeAlias = Callable[[Facts], bool | None]

DAYS_PER_YEAR = Decimal("365.25")
_HUNDRED, _MICROSECONDS, _DAY = Decimal(100), timedelta(microseconds=1), Decimal(86_400_000_000)


def number_reader(node: Read, units: Mapping[str, str]) -> ReadNumber:
    """Reads the value of a test, or what a function or fact says; in another unit it is unknown."""
    if isinstance(node, Fact):
        return _age
    if isinstance(node, Code):
        return _of_test(node.name, units, _value)
    name = _argument(node)
    if node.function == "index":
        return lambda facts: _level(facts.indices.get(name))
    return _of_test(name, units, _NUMBERS[node.function])


def text_reader(node: Read, form: Callable[[str], str] | None = None) -> ReadText:
    """Reads a text in the form that is compared, or in another one; a sex other than M and F is unknown."""
    form = form or folded
    if isinstance(node, Fact):
        of_facts = _FACTS[node.name]
        return lambda facts: form(of_facts(facts)) or None
    assert isinstance(node, Call)
    name, of = _argument(node), _TEXTS[node.function]

    def read(facts: Facts) -> str | None:
        measured = facts.siblings.values.get(name)
        return None if measured is None else form(of(measured)) or None

    return read


def boolean_reader(node: Read) -> ReadBoolean:
    """Reads whether the patient is pregnant, or whether a test has a value: the one that is never unknown."""
    if isinstance(node, Fact):
        return lambda facts: facts.is_pregnant
    assert isinstance(node, Call)
    name = _argument(node)

    def is_present(facts: Facts) -> bool:
        measured = facts.siblings.values.get(name)
        return measured is not None and (measured.value is not None or bool(measured.value_text.strip()))

    return is_present


def folded(text: str) -> str:
    """The form in which texts are compared: letters of any size are the same."""
    return text.strip().casefold()


def _argument(call: Call) -> str:
    code = call.arguments[0]
    assert isinstance(code, Code)
    return code.name


def _of_test(name: str, units: Mapping[str, str], of: Callable[[Measured], Value | None]) -> ReadNumber:
    unit = units[name]

    def read(facts: Facts) -> Value | None:
        measured = facts.siblings.values.get(name)
        if measured is None or measured.unit != unit:
            return None
        return of(measured)

    return read


def _finite(value: Decimal | None) -> Decimal | None:
    return value if value is not None and value.is_finite() else None


def _level(level: Decimal | None) -> Decimal | None:
    """The level of an index; one beyond the analyzer's scale is infinite, and so above every number."""
    return None if level is None or level.is_nan() else level


def _value(measured: Measured) -> Value | None:
    value = _finite(measured.value)
    if value is None or not measured.comparator:
        return value
    return intervals.bounded(measured.comparator, value)


def _previous(measured: Measured) -> Decimal | None:
    return _finite(measured.previous_value)


def _change(measured: Measured) -> Value | None:
    """Percent of the earlier value; from 0 nothing has a percentage, except 0.  Source: CLSI EP33."""
    value, earlier = _value(measured), _previous(measured)
    if value is None or earlier is None:
        return None
    if not earlier:
        return Decimal(0) if isinstance(value, Decimal) and not value else None
    if isinstance(value, Decimal):
        return EXACT.divide(EXACT.multiply(EXACT.subtract(value, earlier), _HUNDRED), earlier.copy_abs())
    return _percent(value, intervals.span(earlier))


def _percent(value: Interval, earlier: Interval) -> Interval | None:
    difference = intervals.subtract(value, earlier)
    return intervals.divide(
        intervals.multiply(difference, intervals.span(_HUNDRED)), intervals.absolute(earlier)
    )


def _days(measured: Measured) -> Decimal | None:
    """Days, with their part, from the earlier collection to this one."""
    collected, earlier = measured.collected_at, measured.previous_collected_at
    if collected is None or earlier is None or earlier >= collected:
        return None
    return EXACT.divide(Decimal((collected - earlier) // _MICROSECONDS), _DAY)


def _low(measured: Measured) -> Decimal | None:
    return _finite(measured.low)


def _high(measured: Measured) -> Decimal | None:
    return _finite(measured.high)


def _age(facts: Facts) -> Decimal | None:
    """Years of 365.25 days, the year `a` of UCUM."""
    return None if facts.age_days is None else EXACT.divide(Decimal(facts.age_days), DAYS_PER_YEAR)


def _sex(facts: Facts) -> str:
    return facts.sex if facts.sex in {"M", "F"} else ""


def _ward(facts: Facts) -> str:
    return facts.ward


def _diagnosis(facts: Facts) -> str:
    return facts.diagnosis


def _text(measured: Measured) -> str:
    return measured.value_text


def _flag(measured: Measured) -> str:
    return measured.flag


_NUMBERS: Mapping[str, Callable[[Measured], Value | None]] = {
    "change": _change, "days": _days, "high": _high, "low": _low, "prev": _previous,
}  # fmt: skip
_TEXTS: Mapping[str, Callable[[Measured], str]] = {"flag": _flag, "text": _text}
_FACTS: Mapping[str, Callable[[Facts], str]] = {"diagnosis": _diagnosis, "sex": _sex, "ward": _ward}
