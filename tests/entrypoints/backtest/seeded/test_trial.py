"""What the shipped rules catch of planted errors: at least so much of the gross ones, and nothing without its rule."""

import inspect
from collections import Counter
from typing import Any

import pytest

from aliquot.entrypoints.backtest.seeded.telling import told
from aliquot.entrypoints.backtest.seeded.trial import CONTROL_KEPT, NO_CONTROL, try_rules
from aliquot.flow.results.rules.backtest.replay import Kept, decided
from aliquot.flow.verification.rules.evidence import Evidence
from tests.entrypoints.backtest.seeded.days import book_without, day, facts_of
from tests.regions import Region

Report = dict[str, Any]


_found: list[Report] = []
"""Of the default day and the shipped rules: worked out once."""


@pytest.fixture
def report(region: Region) -> Report:
    if not _found:
        _found.append(try_rules(day(facts_of(region)), book_without(region)))
    return _found[0]


def rows(report: Report, table: str, **wanted: str) -> list[dict[str, Any]]:
    found = [one for one in report[table] if all(one[key] == value for key, value in wanted.items())]
    assert found, (table, wanted)
    return found


def caught(report: Report, table: str, **wanted: str) -> float:
    """The share of results caught, in percent, of all rows that fit."""
    fitting = rows(report, table, **wanted)
    part, whole = (sum(one[name] for one in fitting) for name in ("caught", "results"))
    return float(100 * part / whole)


def by_rule(report: Report, table: str, **wanted: str) -> Counter[str]:
    return sum((Counter(one["by_rule"]) for one in rows(report, table, **wanted)), Counter())


def test_gross_contamination_is_caught(report: Report) -> None:
    assert caught(report, "sizes", kind="edta", size="2.0 mmol/L") >= 90
    assert caught(report, "sizes", kind="edta", size="1.0 mmol/L") >= 50
    assert by_rule(report, "kinds", kind="edta")["edta-contamination"] > 0


def test_a_swapped_blood_count_with_a_recent_one_before_it_is_mostly_caught(report: Report) -> None:
    assert caught(report, "pasts", kind="swap", form="blood counts", past="recent") >= 50
    found = by_rule(report, "kinds", kind="swap")
    assert found["swap-blood-count"] > 0
    assert found["swap-chemistry"] > 0


def test_a_forgotten_or_doubled_factor_of_ten_is_noticed_in_every_tube(report: Report) -> None:
    for form in ("factor not applied, whole tube", "factor applied twice, whole tube"):
        (row,) = rows(report, "sizes", form=form, size="x 10")
        assert row["orders_noticed_percent"] >= 90


def test_control_stops_a_great_drift_and_without_control_nothing_does(report: Report) -> None:
    assert caught(report, "sizes", kind="drift", size="8 SD", control=CONTROL_KEPT) >= 50
    assert caught(report, "sizes", kind="drift", size="8 SD", control=NO_CONTROL) <= 30
    assert by_rule(report, "kinds", kind="drift", control=CONTROL_KEPT)["quality"] > 0
    assert by_rule(report, "kinds", kind="drift", control=NO_CONTROL)["quality"] == 0


def test_greater_errors_are_caught_more_often(report: Report) -> None:
    shares = [caught(report, "sizes", kind="edta", size=f"{one} mmol/L") for one in ("0.1", "0.5", "2.0")]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]


def test_every_result_with_an_error_is_caught_held_anyway_or_released(report: Report) -> None:
    for one in report["kinds"] + report["sizes"] + report["pasts"] + report["drifted_tests"]:
        assert one["caught"] + one["held_anyway"] + one["released"] == one["results"]
        assert one["released_wrong"] <= min(one["wrong"], one["released"])
        assert one["orders_noticed"] <= one["orders"]
    planted = sum(one["results"] for one in report["kinds"] if one["control"] != NO_CONTROL)
    assert planted == report["planted"]
    assert sum(one["results"] for one in report["sizes"] if one["control"] != NO_CONTROL) == planted


def test_without_a_rule_nothing_is_caught_by_it(region: Region, report: Report) -> None:
    less = try_rules(day(facts_of(region)), book_without(region, "swap"))
    assert "swap" not in " ".join(by_rule(less, "kinds"))
    assert caught(less, "kinds", kind="swap") < caught(report, "kinds", kind="swap")
    fewest = try_rules(day(facts_of(region)), book_without(region, "swap", "delta", "consistency", "quality"))
    assert caught(fewest, "pasts", kind="swap", form="blood counts", past="recent") < 25
    drift = by_rule(fewest, "kinds", kind="drift", control=CONTROL_KEPT)
    assert drift["quality"] == 0
    assert drift["out_of_control"] > 0, "failed control holds, whatever the rules say"


def test_without_any_rule_all_waits_and_nothing_counts_as_caught(region: Region) -> None:
    kinds = ("limits", "delta", "quality", "flags", "indices", "swap", "consistency", "reflex", "comment")
    none = try_rules(day(facts_of(region)), book_without(region, *kinds))
    assert none["clean"]["released"] == none["auto_release_percent"] == 0
    assert all(one["released"] == 0 for one in none["kinds"])


def test_where_nothing_is_planted_there_are_only_false_alarms(region: Region) -> None:
    found = try_rules(day(facts_of(region), rate=0.0), book_without(region))
    assert (found["planted"], found["kinds"], found["sizes"]) == (0, [], [])
    clean = found["clean"]
    assert clean["released"] + clean["held"] == clean["results"] == found["results"]
    assert clean["auto_release_percent"] == found["auto_release_percent"] > 85
    alarms = {one["rule"]: one["percent"] for one in clean["by_rule"]}
    assert 0 < sum(alarms.values()) < 15
    assert max(alarms.get("swap-chemistry", 0), alarms.get("swap-blood-count", 0)) < 2


def test_the_same_seed_gives_the_same_figures_and_another_seed_others(region: Region, report: Report) -> None:
    assert try_rules(day(facts_of(region)), book_without(region)) == report
    assert try_rules(day(facts_of(region), seed=8), book_without(region)) != report


def test_no_rule_can_see_what_was_planted(region: Region) -> None:
    population, book = day(facts_of(region)), book_without(region)
    assert list(inspect.signature(decided).parameters) == ["rows", "book", "stretch"]
    assert all(type(row) is Kept for row in population.planted)
    named = set(Kept._fields) | set(Evidence.__dataclass_fields__)
    assert named.isdisjoint({"kind", "form", "size", "past", "is_wrong", "planted", "mark"})
    once = try_rules(population, book)
    unmarked = try_rules(type(population)(**{**fields(population), "marks": {}}), book)
    assert unmarked["auto_release_percent"] == once["auto_release_percent"]
    assert unmarked["clean"] == once["clean"]


def fields(population: Any) -> dict[str, Any]:
    return {name: getattr(population, name) for name in population.__dataclass_fields__}


def test_people_read_it_as_lines(report: Report) -> None:
    lines = "\n".join(told({**report, "seed": 7}))
    assert "seed 7" in lines
    assert "held by no_limit_beyond" in lines
    assert "edta in serum 2.0 mmol/L" in lines
