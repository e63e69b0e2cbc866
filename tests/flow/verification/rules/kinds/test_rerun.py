"""Measured again, and which run is kept."""

from typing import Any

import pytest

from aliquot.flow.verification.rules.decision import decide
from aliquot.flow.verification.rules.evidence import Evidence, Run
from aliquot.flow.verification.rules.shapes import (
    Rerun,
)
from tests.flow.verification.rules.evidences import (
    D,
    among,
    book,
    codes,
    potassium,
    when,
)

RERUN = Rerun("again", when("K > 6"), 2, agree_percent=D(5), agree_absolute=D("0.1"))


def run(value: str | None, key: int = 1, **changes: Any) -> Run:
    facts = {"comparator": "", "unit": "mmol/L", "dilution": "", "state": "held", **changes}
    return Run(key, None if value is None else D(value), **facts)


def second(value: str, *runs: Run, **changes: Any) -> Evidence:
    return among(
        potassium(value, result_id=9, run=1 + len(runs), is_rerun=True, earlier_runs=runs, **changes)
    )


def test_a_test_is_measured_again_when_its_rule_says() -> None:
    verdict = decide(among(potassium("6.1")), book(RERUN))
    assert (verdict.action, codes(verdict), verdict.rerun) == ("rerun", ["rerun_wanted"], "")
    assert decide(among(potassium("6.0")), book(RERUN)).release


def test_a_rerun_without_an_allowance_is_bounded_by_its_number() -> None:
    body = Rerun("again", when("K > 6"), 2)
    verdict = decide(second("6.1", run("6.1")), book(body))
    assert (verdict.action, codes(verdict), verdict.confirms) == ("hold", ["rerun", "rerun_exhausted"], None)


@pytest.mark.parametrize(
    ("value", "runs", "expected", "confirms"),
    [
        ("6.3", [run("6.0")], ["rerun"], 1),
        ("6.31", [run("6.0")], ["rerun", "runs_differ"], None),
        ("0.2", [run("0.1")], ["rerun"], 1),
        ("6.3", [run("6.2", 2), run("6.0", 1)], ["rerun"], 1),
        ("6.3", [run(None)], ["rerun", "runs_differ"], None),
        ("6.3", [run("NaN")], ["rerun", "runs_differ"], None),
        ("6.3", [run("6.3", comparator=">")], ["rerun", "runs_differ"], None),
        ("6.3", [run("6.3", unit="mg/dL")], ["rerun", "runs_differ"], None),
    ],
)
def test_the_first_run_is_kept_when_the_second_agrees(
    value: str, runs: list[Run], expected: list[str], confirms: int | None
) -> None:
    wide: dict[str, Any] = {
        "critical_low": None,
        "critical_high": D(9),
        "technical_low": D("0.1"),
        "high": D(8),
        "low": D("0.1"),
    }
    verdict = decide(second(value, *runs), book(RERUN, **wide))
    assert (verdict.action, codes(verdict), verdict.confirms) == ("hold", expected, confirms)


def test_without_a_rule_no_run_confirms_another() -> None:
    assert decide(second("4.2", run("4.2")), book()).confirms is None


def test_a_missing_first_run_confirms_nothing() -> None:
    assert decide(second("4.2"), book(RERUN)).confirms is None
