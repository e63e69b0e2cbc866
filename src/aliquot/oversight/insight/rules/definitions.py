"""What each indicator counts, of what, and between which limits; which times are told apart.

Codes as in the IFCC model of quality indicators (doi 10.1515/cclm-2017-0412); what begins with "Own" is ours.
The data stand in ../data/indicators.toml.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

FAMILIES = ("tubes", "indices", "calls", "reports", "values", "tests", "controls", "scores", "failures")


@dataclass(frozen=True, slots=True)
class Indicator:
    """`high_le` and `low_ge` in per cent; None where nobody has published tiers."""

    code: str
    phase: str
    family: str
    population: str
    name_en: str
    name_ru: str
    of_en: str
    of_ru: str
    high_le: Decimal | None = None
    low_ge: Decimal | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Leg:
    """A time between two steps; `test` is a catalogue's code where it is told for one urgent test alone."""

    code: str
    name_en: str
    name_ru: str
    test: str = ""
    indicator: str = ""


@dataclass(frozen=True, slots=True)
class Uncounted:
    """An indicator of the IFCC's list that is not counted here, and why."""

    code: str
    name_en: str
    name_ru: str
    why_en: str
    why_ru: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """All that is counted; `containers` of a population by name, `settings` in minutes, days, g/L or values.

    `spoilt` are reasons of rejection that count against the laboratory when it already had the tube.
    """

    indicators: Mapping[str, Indicator]
    legs: Mapping[str, Leg]
    containers: Mapping[str, tuple[str, ...]]
    settings: Mapping[str, Decimal]
    spoilt: tuple[str, ...] = ()
    uncounted: tuple[Uncounted, ...] = ()

    def of_family(self, family: str) -> list[Indicator]:
        """The indicators that one statement counts together."""
        return [one for one in self.indicators.values() if one.family == family]


def read_definitions(text: str) -> Definitions:
    """The definitions that a TOML document states; ValueError names what it lacks or what nobody counts."""
    found = tomllib.loads(text, parse_float=Decimal)
    indicators = [_indicator(one) for one in found["indicator"]]
    legs = [Leg(**one) for one in found["leg"]]
    containers = {name: tuple(one["containers"]) for name, one in found["population"].items()}
    settings = {name: Decimal(value) for name, value in found["settings"].items()}
    uncounted = tuple(Uncounted(**one) for one in found.get("uncounted", ()))
    codes = [*(one.code for one in indicators), *(one.code for one in legs)]
    _require_once([*codes, *(one.code for one in uncounted)])
    return Definitions(
        {one.code: one for one in indicators},
        {one.code: one for one in legs},
        containers,
        settings,
        tuple(found.get("spoilt", {}).get("reasons", ())),
        uncounted,
    )


def _indicator(given: Mapping[str, Any]) -> Indicator:
    limits = {name: Decimal(given[name]) for name in ("high_le", "low_ge") if name in given}
    made = Indicator(**{**given, **limits})
    if made.family not in FAMILIES:
        raise ValueError(f"{made.code}: the family {made.family!r} is none of {', '.join(FAMILIES)}")
    if (made.high_le is None) != (made.low_ge is None):
        raise ValueError(f"{made.code}: a tier needs both limits, high_le and low_ge")
    return made


def _require_once(codes: list[str]) -> None:
    if twice := sorted({one for one in codes if codes.count(one) > 1}):
        raise ValueError(f"defined twice: {', '.join(twice)}")
