"""For whom a rule holds: conditions on the patient, the place and the order."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from aliquot.flow.verification.rules.expressions.reading import folded

DAYS = {"d": Decimal(1), "wk": Decimal(7), "mo": Decimal("30.4375"), "a": Decimal("365.25")}
"""UCUM's units of time in days: Julian year, its twelfth, week."""
OLDEST_DAYS = 60_000
_AGE = re.compile(r"(\d{1,5}) ?(d|wk|mo|a)")


@dataclass(frozen=True, slots=True)
class Patient:
    """What a population asks about."""

    sex: str
    age_days: int | None
    ward: str
    site: str
    diagnosis: str
    is_pregnant: bool | None
    urgency: str


@dataclass(frozen=True, slots=True)
class Population:
    """Conditions that must all be met; the upper age is exclusive. What is not known meets no condition.

    Wards and beginnings of diagnoses are people's own words: compared as expressions compare texts.
    """

    sex: str = ""
    age_from_days: int | None = None
    age_to_days: int | None = None
    wards: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()
    is_pregnant: bool | None = None
    urgency: str = ""

    @property
    def conditions(self) -> int:
        """How many conditions there are: more is more specific. A range of ages counts once."""
        has_age = self.age_from_days is not None or self.age_to_days is not None
        named = (self.sex, self.wards, self.sites, self.diagnoses, self.urgency)
        return sum(map(bool, named)) + has_age + (self.is_pregnant is not None)

    def covers(self, patient: Patient) -> bool:
        """Whether every condition is met."""
        return (
            self.sex in ("", patient.sex)
            and self.covers_age(patient.age_days)
            and (not self.wards or folded(patient.ward) in folded_words(self.wards))
            and (not self.sites or patient.site in self.sites)
            and (not self.diagnoses or folded(patient.diagnosis).startswith(folded_words(self.diagnoses)))
            and self.is_pregnant in (None, patient.is_pregnant)
            and self.urgency in ("", patient.urgency)
        )

    def covers_age(self, age_days: int | None) -> bool:
        """Whether a person this old belongs here; an unknown age only where no age is asked."""
        if self.age_from_days is None and self.age_to_days is None:
            return True
        if age_days is None:
            return False
        return (self.age_from_days or 0) <= age_days < (self.age_to_days or OLDEST_DAYS)

    def meets(self, other: "Population") -> bool:
        """Whether one patient can belong to both."""
        mine = (self.age_from_days or 0, self.age_to_days or OLDEST_DAYS)
        theirs = (other.age_from_days or 0, other.age_to_days or OLDEST_DAYS)
        return (
            _agree(self.sex, other.sex)
            and _agree(self.urgency, other.urgency)
            and (None in (self.is_pregnant, other.is_pregnant) or self.is_pregnant == other.is_pregnant)
            and _share(folded_words(self.wards), folded_words(other.wards))
            and _share(self.sites, other.sites)
            and _share_beginning(folded_words(self.diagnoses), folded_words(other.diagnoses))
            and mine[0] < theirs[1]
            and theirs[0] < mine[1]
        )


EVERYBODY = Population()


def age_in_days(text: str) -> int | None:
    """Whole days of an age such as "18a", "6mo", "2wk", "28d"; None for anything else.

    Source: UCUM, units of time; the year has 365.25 days, as in the catalogue's intervals.
    """
    match = _AGE.fullmatch(text.strip())
    return int(Decimal(match[1]) * DAYS[match[2]]) if match else None


def folded_words(words: Iterable[str]) -> tuple[str, ...]:
    """Words in the form in which they are compared."""
    return tuple(map(folded, words))


def _agree(one: str, other: str) -> bool:
    return not one or not other or one == other


def _share(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return not one or not other or bool(set(one) & set(other))


def _share_beginning(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return not one or not other or any(a.startswith(b) or b.startswith(a) for a in one for b in other)
