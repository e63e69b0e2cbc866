"""What the catalogue says of a test: plain and frozen, as the book takes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from aliquot.flow.verification.rules.population import OLDEST_DAYS


@dataclass(frozen=True, slots=True)
class Reference:
    """An interval of health for a sex ("" for both) and an age in days, the upper exclusive."""

    low: Decimal | None
    high: Decimal | None
    sex: str = ""
    age_from_days: int = 0
    age_to_days: int = OLDEST_DAYS
    expected_en: str = ""
    expected_ru: str = ""

    def covers(self, sex: str, age_days: int | None) -> bool:
        """Whether this person belongs here; an unknown age fits only an interval for all ages."""
        if self.sex not in ("", sex):
            return False
        if age_days is None:
            return self.age_from_days <= 0 and self.age_to_days >= OLDEST_DAYS
        return self.age_from_days <= age_days < self.age_to_days


@dataclass(frozen=True, slots=True)
class TestFacts:
    """A test of the catalogue: what it is measured in, between which limits, how long its specimen keeps.

    Numbers are Decimal in `unit` (UCUM), stabilities are minutes at 15-25 °C.
    """

    __test__ = False  # not a test case, whatever the name says to a test runner

    test_id: int
    code: str
    scale: str = "Qn"
    unit: str = ""
    decimals: int | None = None
    is_released_by_rules: bool = True
    critical_low: Decimal | None = None
    critical_high: Decimal | None = None
    technical_low: Decimal | None = None
    technical_high: Decimal | None = None
    delta_percent: Decimal | None = None
    delta_days: int | None = None
    stable_room_minutes: int | None = None
    stable_cold_minutes: int | None = None
    unspun_room_minutes: int | None = None
    is_centrifuged: bool = False
    spoilt_by: tuple[str, ...] = ()
    grades: tuple[tuple[str, ...], ...] = ()
    intervals: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Interval:
    """The interval that covers a patient, if one does."""

    is_found: bool = False
    is_unclear: bool = False
    low: Decimal | None = None
    high: Decimal | None = None
    expected_en: str = ""
    expected_ru: str = ""


NO_INTERVAL = Interval()


def interval_of(references: Iterable[Reference], sex: str, age_days: int | None) -> Interval:
    """The interval of this sex and age: the sex's own before both, the narrowest age first.

    Unclear when equally narrow ones contradict each other. Source: CLSI EP28-A3c, partitioning.
    """
    fitting = [one for one in references if one.covers(sex, age_days)]
    if not fitting:
        return NO_INTERVAL
    best = min(_width(one) for one in fitting)
    closest = [one for one in fitting if _width(one) == best]
    said = {(one.low, one.high, one.expected_en, one.age_from_days) for one in closest}
    first = closest[0]
    return Interval(
        is_found=True,
        is_unclear=len(said) > 1,
        low=first.low,
        high=first.high,
        expected_en=first.expected_en,
        expected_ru=first.expected_ru,
    )


def _width(one: Reference) -> tuple[bool, int]:
    return (one.sex == "", one.age_to_days - one.age_from_days)
