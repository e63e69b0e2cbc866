"""From two columns of a table to candidates: what is read, what is left out, what is told."""

import math
from typing import Any

import pytest

from aliquot.flow.quality.rules.moving.advice import advice
from aliquot.flow.quality.rules.moving.columns import History, day_of, history_of, number_of
from aliquot.registers.catalogue.rules.calculators.quantities import InputError
from tests.flow.quality.rules.moving.histories import days_of

HISTORY = History(days_of(60, each=150), "2026-01-01", "2026-03-01", ())


def ask(history: History = HISTORY, **said: Any) -> dict[str, Any]:
    return advice(history, {"tea": "2", "trials": 20, "most": 200} | said)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-01", "2026-03-01"),
        ("2026-03-01T08:15:00Z", "2026-03-01"),
        (" 01.03.2026 08:15", "2026-03-01"),
        ("1.3.2026", "2026-03-01"),
        ("31.02.2026", ""),
        ("day 7", "day 7"),
        ("", ""),
    ],
)
def test_days(text: str, day: str) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize(
    ("text", "number"),
    [("5.4", 5.4), ("5,4", 5.4), ("1 200", 1200), ("−3", -3), ("<0.5", 0.5), (">=120", 120), ("≤ 7", 7)],
)
def test_results(text: str, number: float) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize("text", ["", "haemolysed", "nan", "inf", "1e999"])
def test_what_is_no_result(text: str) -> None:
    assert math.isnan(number_of(text))


def test_rows_without_a_day_or_a_number_are_left_out_and_named() -> None:
    found = history_of(["a", "a", "", "b"], ["1", "?", "3", "4"], [2, 3, 4, 5])
    assert [one.tolist() for one in found.days] == [[1], [4]]
    assert (found.unusable, found.first, found.last, found.results) == ((3, 4), "a", "b", 2)


def test_a_history_of_no_use_is_refused() -> None:
    with pytest.raises(InputError, match=r"^value: no row"):
        history_of(["a"], [""], [2])
    with pytest.raises(InputError, match=r"^day: the results of a day stand apart"):
        history_of(["a", "b", "a"], ["1", "2", "3"], [2, 3, 4])


def test_candidates_are_told_the_best_first() -> None:
    found = ask()
    assert (found["days"], found["results"], found["tea"], found["error"]) == (60, 9000, 0.02, "proportional")
    assert len(found["candidates"]) == 30
    assert found["best"] in found["candidates"]
    assert found["best"]["keeps_rate"]
    assert found["best"]["slowest_at_tea"]["MNPed"] == min(
        one["slowest_at_tea"]["MNPed"] for one in found["candidates"] if one["keeps_rate"]
    )
    assert [round(one["error"], 3) for one in found["best"]["curve"]][:4] == [-0.04, -0.03, -0.02, -0.01]
    assert "faults" not in found


def test_the_seed_is_all_the_chance() -> None:
    assert ask(seed=5) == ask(seed=5)
    assert ask(seed=5) != ask(seed=6)


def test_imprecision_is_watched_by_the_moving_sd() -> None:
    found = ask(error="imprecision", tea=4)
    assert {one["monitor"]["procedure"] for one in found["candidates"]} == {"moving_sd"}


def test_a_constant_error_is_in_the_unit_of_the_results() -> None:
    found = ask(error="Constant", tea=3.0, within_day="yes")
    assert found["tea"] == 3.0
    assert found["best"]["slowest_at_tea"]["error"] in {3.0, -3.0}


def test_where_none_is_fit_none_is_best() -> None:
    found = ask(tea=0.001, most=20)
    assert found["best"] is None
    assert len(found["candidates"]) == 30


def test_a_candidate_that_cannot_be_tried_is_told() -> None:
    small = History(days_of(60, each=4), "a", "b", ())
    found = ask(small, most=10)
    assert {(one["monitor"]["procedure"], one["monitor"]["block"]) for one in found["failed"]} == {
        ("moving_average", 100), ("moving_median", 100), ("ewma", 100), ("bull", 20)
    }  # fmt: skip
    assert all(one["text"].startswith("history: ") for one in found["failed"])


def test_rows_left_out_are_counted_and_the_first_named() -> None:
    def told(*lines: int) -> Any:
        return ask(History(HISTORY.days, "a", "b", lines))["faults"][0]

    assert told(7) == {
        "field": "value", "count": 1,
        "text": "line 7: there is no day or no number; correct them or leave them out.",
    }  # fmt: skip
    assert told(*range(2, 12))["text"].startswith("lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11: ")
    assert told(*range(2, 99))["text"].startswith("lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and others: ")
    assert told(*range(2, 99))["count"] == 97


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"tea": None}, "tea lacks"),
        ({"tea": "x"}, "tea: 'x' is no number"),
        ({"tea": 0}, "tea: give an allowable error above 0"),
        ({"alarms_per_day": 0}, "alarms_per_day: state a rate above 0"),
        ({"alarms_per_day": 0.001}, "history: 40 days cannot show 0.001 false alarms a day"),
        ({"error": "drift"}, "error: 'drift' is none of proportional, constant, imprecision"),
        ({"trials": 0}, "trials: give a whole number from 1"),
        ({"most": 1.5}, "most: 1.5 is no whole number"),
        ({"seed": -1}, "seed: give a whole number from 0"),
        ({"within_day": "perhaps"}, "within_day: "),
    ],
)
def test_bad_options_are_told_their_field(said: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=f"^{words}"):
        ask(**said)
