"""The rules tried on a made-up day: what was caught, by which rule, what was held for nothing.

The rules see rows and nothing else, by the very replay and the very `decide` of a back-test.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aliquot.entrypoints.backtest.seeded.population import Planted, Population
from aliquot.flow.results.rules.backtest.replay import Kept, Stretch, decided
from aliquot.flow.verification.rules.book import RuleBook
from aliquot.flow.verification.rules.decision import Verdict
from aliquot.flow.verification.rules.shapes import LOOK_BACK_DAYS

Decisions = dict[int, tuple[bool, frozenset[str]]]
"""By result: whether the rules released it, and the rules that had a reason to wait."""
CONTROL_KEPT, NO_CONTROL = "control kept", "nobody keeps control"


@dataclass(slots=True)
class Count:
    """Results with one planted error: caught by a rule because of it, held anyway, released unseen."""

    results: int = 0
    caught: int = 0
    held_anyway: int = 0
    released: int = 0
    wrong: int = 0
    released_wrong: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    orders: set[int] = field(default_factory=set)
    noticed: set[int] = field(default_factory=set)

    def add(
        self, mark: Planted, before: tuple[bool, frozenset[str]], after: tuple[bool, frozenset[str]]
    ) -> None:
        """One result, as it was decided without and with its error."""
        is_released, rules = after
        by = rules - before[1]
        self.results += 1
        self.orders.add(mark.order)
        self.wrong += mark.is_wrong
        if is_released:
            self.released += 1
            self.released_wrong += mark.is_wrong
        elif by:
            self.caught += 1
            self.by_rule.update(sorted(by))
            self.noticed.add(mark.order)
        else:
            self.held_anyway += 1

    def figures(self) -> dict[str, Any]:
        """As they are printed; shares are percent of the results, of those that are wrong, of the orders."""
        return {
            "results": self.results,
            "caught": self.caught,
            "held_anyway": self.held_anyway,
            "released": self.released,
            "caught_percent": percent(self.caught, self.results),
            "wrong": self.wrong,
            "released_wrong": self.released_wrong,
            "released_wrong_percent": percent(self.released_wrong, self.wrong),
            "orders": len(self.orders),
            "orders_noticed": len(self.noticed),
            "orders_noticed_percent": percent(len(self.noticed), len(self.orders)),
            "by_rule": dict(_ranked(self.by_rule)),
        }


def try_rules(population: Population, book: RuleBook) -> dict[str, Any]:
    """What these rules make of the day, without errors and with them; plain JSON."""
    clean = _decisions(population.clean, population, book)
    planted = _decisions(population.planted, population, book)
    without = _decisions(population.without_control, population, book)
    by_drift = {CONTROL_KEPT: planted, NO_CONTROL: without}
    kinds: dict[tuple[str, ...], Count] = {}
    for result, mark in population.marks.items():
        runs = by_drift if mark.kind == "drift" else {"": planted}
        for circumstance, decisions in runs.items():
            for key in _keys(mark, circumstance):
                kinds.setdefault(key, Count()).add(mark, clean[result], decisions[result])
    return {
        "orders": population.orders,
        "results": len(clean),
        "planted": len(population.marks),
        "clean": _clean_figures(clean),
        "auto_release_percent": percent(sum(one for one, _ in planted.values()), len(planted)),
        **{name: _table(kinds, name, columns) for name, columns in TABLES.items()},
    }


TABLES = {
    "kinds": ("kind", "control"),
    "forms": ("kind", "form", "control"),
    "sizes": ("kind", "form", "size", "control"),
    "pasts": ("kind", "form", "past", "control"),
    "drifted_tests": ("test", "size", "control"),
}


def _keys(mark: Planted, control: str) -> list[tuple[str, ...]]:
    keys = [
        ("kinds", mark.kind, control),
        ("forms", mark.kind, mark.form, control),
        ("sizes", mark.kind, mark.form, mark.size, control),
        ("pasts", mark.kind, mark.form, mark.past, control),
    ]
    return [*keys, ("drifted_tests", mark.test, mark.size, control)] if mark.kind == "drift" else keys


def _table(
    kinds: Mapping[tuple[str, ...], Count], name: str, columns: tuple[str, ...]
) -> list[dict[str, Any]]:
    rows = [(key[1:], count) for key, count in sorted(kinds.items()) if key[0] == name]
    return [{**dict(zip(columns, key, strict=True)), **count.figures()} for key, count in rows]


def _decisions(rows: Iterable[Kept], population: Population, book: RuleBook) -> Decisions:
    stretch = Stretch(population.since, population.until, LOOK_BACK_DAYS)
    return {
        row.result_id: (verdict.release, frozenset(_rules(verdict)))
        for row, _, verdict in decided(rows, book, stretch)
    }


def _rules(verdict: Verdict) -> Iterable[str]:
    """The rule of each reason, or the reason's own code where it always holds."""
    return (one.rule or one.code for one in verdict.reasons)


def _clean_figures(clean: Decisions) -> dict[str, Any]:
    """What was held although nothing was planted: true critical values and illnesses among it."""
    held = [rules for is_released, rules in clean.values() if not is_released]
    by_rule = Counter(rule for rules in held for rule in rules)
    alone = Counter(next(iter(rules)) for rules in held if len(rules) == 1)
    return {
        "results": len(clean),
        "released": len(clean) - len(held),
        "auto_release_percent": percent(len(clean) - len(held), len(clean)),
        "held": len(held),
        "held_percent": percent(len(held), len(clean)),
        "by_rule": [
            {"rule": rule, "held": count, "alone": alone[rule], "percent": percent(count, len(clean))}
            for rule, count in _ranked(by_rule)
        ],
    }


def _ranked(by_rule: Counter[str]) -> list[tuple[str, int]]:
    """The most frequent first, equal ones by name: the same in every run."""
    return sorted(by_rule.items(), key=lambda one: (-one[1], one[0]))


def percent(part: int, whole: int) -> float | None:
    """So many of a hundred, to two places; None of nothing."""
    return round(100 * part / whole, 2) if whole else None
