"""How likely two patient records are one person."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from aliquot.registers.patients.rules.identifiers import Grade, check_policy_number, check_snils
from aliquot.registers.patients.rules.names import fold

CERTAIN = Decimal(1)
_STEP = Decimal("0.001")
_HALF = Decimal("0.5")
_FAMILY, _GIVEN = Decimal("0.35"), Decimal("0.20")
_PATRONYMIC, _BIRTH = Decimal("0.10"), Decimal("0.35")
_INITIAL = Decimal("0.8")
_SWAPPED_NAMES = Decimal("0.95")
_SWAPPED_DAY_AND_MONTH = Decimal("0.8")
_ONE_DIGIT = Decimal("0.7")
_OTHER_SEX = Decimal("0.8")
_OTHER_NUMBER = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Likeable:
    """What is compared of a patient; empty means unknown."""

    family_name: str
    given_name: str = ""
    patronymic: str = ""
    birth_date: date | None = None
    sex: str = ""
    snils: str = ""
    policy_number: str = ""


def likeness(one: Likeable, other: Likeable) -> Decimal:
    """How alike two records are, 0 to 1 in thousandths; the same for either order.

    1 is certain: a valid SNILS or policy number in common, or every part known and equal; a part
    that is unknown counts half. Two different valid SNILS halve it.
    Names are folded (case, ё, hyphens, look-alike letters) and compared by edit distance, also with family
    and given name swapped; an initial fits its name; a birth date may have day and month swapped or one
    digit wrong.
    A merge is always a person's decision: this only finds candidates and orders them.
    Source: edit distance, Levenshtein 1966; the weights are general knowledge, kept in one place above.
    """
    if _share_a_number(one, other):
        return CERTAIN
    name = max(_straight(one, other), _crossed(one, other) * _SWAPPED_NAMES)
    patronymic = _PATRONYMIC * _names(one.patronymic, other.patronymic)
    birth = _BIRTH * _dates(one.birth_date, other.birth_date)
    return ((name + patronymic + birth) * _doubt(one, other)).quantize(_STEP)


def _straight(one: Likeable, other: Likeable) -> Decimal:
    family = _FAMILY * _names(one.family_name, other.family_name)
    return family + _GIVEN * _names(one.given_name, other.given_name)


def _crossed(one: Likeable, other: Likeable) -> Decimal:
    alike = _names(one.family_name, other.given_name) + _names(one.given_name, other.family_name)
    return (_FAMILY + _GIVEN) / 2 * alike


def _share_a_number(one: Likeable, other: Likeable) -> bool:
    same_snils = _snils(one) != "" and _snils(one) == _snils(other)
    return same_snils or (_policy(one) != "" and _policy(one) == _policy(other))


def _doubt(one: Likeable, other: Likeable) -> Decimal:
    doubt = Decimal(1)
    if _snils(one) and _snils(other):
        doubt *= _OTHER_NUMBER
    if {one.sex, other.sex} == {"M", "F"}:
        doubt *= _OTHER_SEX
    return doubt


def _snils(one: Likeable) -> str:
    verdict = check_snils(one.snils)
    return verdict.number if verdict.grade in (Grade.VALID, Grade.NOT_CHECKED) else ""


def _policy(one: Likeable) -> str:
    verdict = check_policy_number(one.policy_number)
    return verdict.number if verdict.grade is Grade.VALID else ""


def _names(one: str, other: str) -> Decimal:
    first, second = fold(one), fold(other)
    if not first or not second:
        return _HALF
    if first == second:
        return Decimal(1)
    if 1 in (len(first), len(second)) and first[0] == second[0]:
        return _INITIAL
    return Decimal(1) - Decimal(_distance(first, second)) / max(len(first), len(second))


def _dates(one: date | None, other: date | None) -> Decimal:
    if one is None or other is None:
        return _HALF
    if one == other:
        return Decimal(1)
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return _SWAPPED_DAY_AND_MONTH
    wrong = sum(a != b for a, b in zip(one.isoformat(), other.isoformat(), strict=True))
    return _ONE_DIGIT if wrong == 1 else Decimal(0)


def _distance(one: str, other: str) -> int:
    previous = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        current = [row]
        for column, opposite in enumerate(other, start=1):
            substituted = previous[column - 1] + (letter != opposite)
            current.append(min(previous[column] + 1, current[-1] + 1, substituted))
        previous = current
    return previous[-1]
