"""Whom to tell of a critical value, within how many minutes, and who follows when nobody is reached.

Policies stand beside the rules of a set and are approved with them. Each part (minutes, acknowledgement,
ladder, repeats) comes from the most specific policy that states it; of equally specific ones the strictest.
Source: ISO 15189:2022, 7.4.1.3; CLSI GP47; CAP 15 to 30 minutes (Biochem Med 2017, 030707).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from aliquot.flow.verification.rules.population import EVERYBODY, Patient, Population
from aliquot.flow.verification.rules.shapes import EVERY_TEST

Whom = Literal[
    "app",
    "requester",
    "ward",
    "duty_doctor",
    "department_head",
    "on_call",
    "laboratory_doctor",
    "director",
]
WHOM: tuple[Whom, ...] = get_args(Whom)
SHORTEST_MINUTES, LONGEST_MINUTES = 30, 60


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder: who is to be reached, from how many minutes after the decision."""

    whom: Whom
    minutes: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """Told less than `hours` ago and changed by less than this: the value is noted and not called."""

    hours: int
    change_percent: Decimal


@dataclass(frozen=True, slots=True)
class Place:
    """Where the order comes from: codes and kinds of the ordering site, a ward or none."""

    sites: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    is_inpatient: bool | None = None

    @property
    def conditions(self) -> int:
        return bool(self.sites) + bool(self.kinds) + (self.is_inpatient is not None)

    def covers(self, site: str, kind: str, *, is_inpatient: bool) -> bool:
        """Whether an order of this site belongs here."""
        return (
            (not self.sites or site in self.sites)
            and (not self.kinds or kind in self.kinds)
            and self.is_inpatient in (None, is_inpatient)
        )


ANYWHERE = Place()


@dataclass(frozen=True, slots=True)
class CriticalPolicy:
    """One policy of a set; a part that is None, or an empty ladder, is taken from the next less specific."""

    code: str
    tests: tuple[str, ...]
    source: str
    tell_minutes: int | None = None
    acknowledge_minutes: int | None = None
    ladder: tuple[Rung, ...] = ()
    repeat: Repeat | None = None
    population: Population = EVERYBODY
    place: Place = ANYWHERE

    @property
    def rank(self) -> tuple[int, bool]:
        """More conditions are more specific; of as many, a policy that names its tests."""
        return (self.population.conditions + self.place.conditions, self.tests != (EVERY_TEST,))

    def covers(self, test: str, patient: Patient, *, site: str, kind: str, is_inpatient: bool) -> bool:
        """Whether this critical value is one of those it speaks of."""
        return (
            (self.tests == (EVERY_TEST,) or test in self.tests)
            and self.population.covers(patient)
            and self.place.covers(site, kind, is_inpatient=is_inpatient)
        )


@dataclass(frozen=True, slots=True)
class Handling:
    """What holds for one critical value; `policies` are the codes it comes from, none by default."""

    tell_minutes: int
    acknowledge_minutes: int | None
    ladder: tuple[Rung, ...]
    repeat: Repeat | None
    policies: tuple[str, ...]


def handling_of(
    policies: Iterable[CriticalPolicy],
    test: str,
    patient: Patient,
    *,
    site: str,
    kind: str,
    is_inpatient: bool,
) -> Handling:
    """What is to be done with a critical value of this test and patient, ordered at this site.

    Without any policy the requester is called: within 30 minutes for urgent orders and wards, else 60.
    """
    fitting = [
        one for one in policies if one.covers(test, patient, site=site, kind=kind, is_inpatient=is_inpatient)
    ]
    ordered = sorted(fitting, key=lambda one: one.rank, reverse=True)
    tell = _strictest([one for one in ordered if one.tell_minutes is not None])
    told = _strictest([one for one in ordered if one.acknowledge_minutes is not None])
    climbed = _strictest([one for one in ordered if one.ladder])
    # equally specific policies on repeats: none is stricter as a whole; the shorter time, then the change
    noted = _strictest([one for one in ordered if one.repeat is not None])
    is_short = patient.urgency == "S" or is_inpatient
    used = (tell, told, climbed, noted)
    return Handling(
        tell_minutes=(tell and tell.tell_minutes) or (SHORTEST_MINUTES if is_short else LONGEST_MINUTES),
        acknowledge_minutes=told.acknowledge_minutes if told else None,
        ladder=climbed.ladder if climbed else (Rung("requester", 0),),
        repeat=noted.repeat if noted else None,
        policies=tuple(dict.fromkeys(one.code for one in used if one)),
    )


def _strictest(ordered: list[CriticalPolicy]) -> CriticalPolicy | None:
    """Of the most specific policies the one that presses most."""
    top = [one for one in ordered if one.rank == ordered[0].rank]
    return min(top, key=_leniency, default=None)


def _leniency(one: CriticalPolicy) -> tuple[float, float, float, str]:
    first = next((rung.minutes for rung in one.ladder if rung.whom != "app"), float("inf"))
    hours = one.repeat.hours if one.repeat else float("inf")
    return (one.tell_minutes or float("inf"), first, hours, one.code)
