"""A back-test as pictures: what was decided then, and what this version would decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.rules.words import ACTIONS
from aliquot.entrypoints.web.shell.charts import Part, Whole
from aliquot.entrypoints.web.shell.wording import number_text

COLOURS = {"release": "good", "hold": "notice", "rerun": "accent", "suppress": "danger"}
"""Each action with its colour, in the order in which they are drawn."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How often a decision was taken then and would be taken now."""

    kind: str
    words: str | Promise
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Sums:
    """A back-test in a few figures, and the picture of them."""

    decided: int
    newly_held: int
    newly_released: int
    outcomes: list[Outcome]
    wholes: list[Whole]


@dataclass(frozen=True, slots=True)
class TestLine:
    """One test: results, how many are released then and now, how many newly wait or are newly released."""

    __test__ = False

    code: str
    results: int
    released_before: int
    released_after: int
    newly_released: int
    newly_held: int


def sums_of(report: Mapping[str, Any]) -> Sums:
    """The figures of a report."""
    history = report["history"]
    outcomes = [
        Outcome(kind, ACTIONS[name], history["before"].get(name, 0), history["after"].get(name, 0))
        for name, kind in COLOURS.items()
        if name in history["before"] or name in history["after"]
    ]
    tests = history["by_test"]
    return Sums(
        decided=history["decided"],
        newly_held=sum(one["newly_held"] for one in tests),
        newly_released=sum(one["newly_released"] for one in tests),
        outcomes=outcomes,
        wholes=[
            _whole(_("Then"), [(one, one.before) for one in outcomes]),
            _whole(_("By this version"), [(one, one.after) for one in outcomes]),
        ],
    )


def tests_of(report: Mapping[str, Any]) -> list[TestLine]:
    """The tests of a report, those that change most first."""
    lines = [TestLine(**one) for one in report["history"]["by_test"]]
    return sorted(lines, key=lambda one: (-(one.newly_held + one.newly_released), -one.results, one.code))


def _whole(label: str, counts: list[tuple[Outcome, int]]) -> Whole:
    return Whole(label, [Part(one.kind, str(one.words), count, number_text(count)) for one, count in counts])
