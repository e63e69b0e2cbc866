"""What a computed test of an order should say now, beside what it says.

Source: ISO 15189:2022, 7.4.1.8: a corrected result corrects all that was worked out from it. Only released
inputs count: what nobody stands for yet is no ground for another value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from aliquot.flow.orders.rules.not_computed import NOT_COMPUTED
from aliquot.registers.catalogue.rules.calculators.refusals import refusal_words
from aliquot.registers.catalogue.rules.derivation import Derivation, Derived, Measured, NotDerived, derive

GIVEN_UP = frozenset({"cancelled", "not_performed"})


@dataclass(frozen=True, slots=True)
class Input:
    """A test that goes in: the state of its place in the order, and its released result if there is one."""

    state: str
    id: int | None
    value: Decimal | None
    comparator: str
    unit: str
    specimen_id: int | None
    collected_at: datetime | None
    measured_at: datetime | None


@dataclass(frozen=True, slots=True)
class Computed:
    """A value to be kept: the number with its sign, and the inputs by test code."""

    value: Decimal
    comparator: str
    inputs: Mapping[str, Input]

    @property
    def text(self) -> str:
        return f"{self.comparator}{self.value:f}"

    @property
    def sources(self) -> list[int]:
        """Ids of the results it was computed from, ascending."""
        return sorted(one.id for one in self.inputs.values() if one.id is not None)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An input is not released yet."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """There will be no value, and why: a code of the calculators' refusals, and its values."""

    code: str
    values: Mapping[str, str]

    @property
    def reason(self) -> str:
        """In English, as it is kept; a screen translates `facts` instead."""
        return f"{NOT_COMPUTED}{refusal_words(self.code, self.values)}"

    @property
    def facts(self) -> dict[str, Any]:
        return {"code": self.code, "values": dict(self.values)}


def compute(
    test: Derivation, inputs: Mapping[str, Input], *, sex: str, birth_date: date | None, time_zone: str
) -> Computed | Waiting | Unavailable:
    """What the test says by its released inputs; `inputs` are by test code, those of the order alone."""
    wanted = {code: inputs[code] for code in test.inputs.values() if code in inputs}
    if any(one.id is None and one.state in GIVEN_UP for one in wanted.values()):
        names = ", ".join(sorted(code for code, one in wanted.items() if one.state in GIVEN_UP))
        return Unavailable("no_result", {"inputs": names})
    if len(wanted) < len(set(test.inputs.values())) or any(one.id is None for one in wanted.values()):
        return Waiting()
    found = _derived(test, wanted, sex, birth_date, time_zone)
    if isinstance(found, NotDerived):
        return Unavailable(found.code, found.values)
    return Computed(found.value, found.comparator, wanted)


def years(birth_date: date | None, on: datetime | None, time_zone: str) -> Decimal | None:
    """Completed years of age on this day in this zone; None when either is unknown."""
    if birth_date is None or on is None:
        return None
    day = on.astimezone(ZoneInfo(time_zone)).date()
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return Decimal(day.year - birth_date.year - (not had_birthday))


def latest(inputs: Mapping[str, Input]) -> Input:
    """The input that was collected last: its tube and its time stand for the computed value."""
    return max(inputs.values(), key=lambda one: (one.collected_at is not None, one.collected_at, one.id))


def _derived(
    test: Derivation, inputs: Mapping[str, Input], sex: str, birth_date: date | None, time_zone: str
) -> Derived | NotDerived:
    measured: dict[str, Measured] = {}
    for code, one in inputs.items():
        if one.value is None:
            return NotDerived("input_not_a_number", {"input": code})
        measured[code] = Measured(one.value, one.unit, one.comparator)
    age = years(birth_date, latest(inputs).collected_at, time_zone)
    return derive(test, measured, age=age, sex=sex)


def read_input(kept: Mapping[str, Any]) -> Input:
    """An input as the database says it."""
    value = kept.get("value")
    return Input(
        state=kept["state"],
        id=kept.get("id"),
        value=None if value is None else Decimal(value),
        comparator=kept.get("comparator") or "",
        unit=kept.get("unit") or "",
        specimen_id=kept.get("specimen_id"),
        collected_at=_moment(kept.get("collected_at")),
        measured_at=_moment(kept.get("measured_at")),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
