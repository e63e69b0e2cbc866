"""Named inputs of patient-based control: the shown cases, their family, and what bad inputs are told."""

import json
import math
import statistics
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aliquot.flow.quality.rules.moving.requests import answer, is_meant
from aliquot.registers.catalogue.rules.calculators.quantities import InputError

CASES = Path(__file__).resolve().parents[6] / "shared" / "oracles" / "pbrtqc.json"
RESULTS = [140, 141, 139, 142, 138, 140, 155, 141, 139, 140, 143, 144, 145, 144, 146]
CUT = [135, 147]
BATCH = [
    88.1, 90.2, 85.7, 92.3, 87.9, 89.5, 91.1, 86.4, 88.8, 90.0, 84.9, 93.2, 89.1, 87.2, 90.6, 88.3, 91.9, 86.9, 89.8,
    140.0,
]  # fmt: skip


def ask(**inputs: Any) -> dict[str, Any]:
    return answer({"results": RESULTS, "algo": "moving_average", "block": 5} | inputs)


def near(value: Any) -> Any:
    if isinstance(value, list):
        return [near(one) for one in value]
    return value if value is None or isinstance(value, str) else pytest.approx(value, abs=1e-9)


@pytest.mark.skipif(not CASES.exists(), reason="the shared oracles are not at hand")
def test_shown_cases() -> None:
    cases = json.loads(CASES.read_text(encoding="utf-8"))["cases"]
    assert len(cases) >= 6
    for case in cases:
        found = answer(case["inputs"])
        expected = {key: value for key, value in case["expected"].items() if key != "note"}
        assert {key: found[key] for key in expected} == {key: near(one) for key, one in expected.items()}, (
            case["id"]
        )


# --- the same, restated and varied -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "series"),
    [
        ({}, [None] * 4 + [140, 140, 142.8, 143.2, 142.6, 143, 143.6, 141.4, 142.2, 143.2, 144.4]),
        (
            {"truncation": CUT, "mode": "winsorise"},
            [None] * 4 + [140, 140, 141.2, 141.6, 141, 141.4, 142, 141.4, 142.2, 143.2, 144.4],
        ),
        (
            {"truncation": CUT, "mode": "exclude"},
            [None] * 4 + [140, 140, 140, 140, 140, 139.6, 140.6, 141.4, 142.2, 143.2, 144.4],
        ),
        (
            {"algo": "moving_median"},
            [None] * 4 + [140, 140, 140, 141, 140, 140, 141, 141, 143, 144, 144],
        ),
        (
            {"algo": "moving_median", "block": 4},
            [None] * 3 + [140.5, 140, 139.5, 141, 140.5, 140.5, 140.5, 140.5, 141.5, 143.5, 144, 144.5],
        ),
        ({"algo": "moving_sum_of_outliers", "outlier_limits": [139, 143]},
         [None] * 4 + [1, 1, 2, 2, 2, 1, 1, 1, 2, 3, 4]),
        ({"batch": True}, [None] * 4 + [140] * 5 + [143] * 5 + [144.4]),
    ],
)  # fmt: skip
def test_series_by_hand(changes: dict[str, Any], series: list[float | None]) -> None:
    assert ask(**changes)["series"] == near(series)


def test_what_is_excluded_is_left_out_of_the_series_of_included() -> None:
    found = ask(truncation=CUT, mode="exclude")
    assert found["series_of_included"] == near(
        [None] * 4 + [140, 140, 140, 140, 139.6, 140.6, 141.4, 142.2, 143.2, 144.4]
    )
    assert found["n_included"] == 14


def test_moving_sd_is_that_of_a_sample() -> None:
    series = ask(algo="moving_sd")["series"]
    assert series[4:] == near([statistics.stdev(RESULTS[end - 5 : end]) for end in range(5, 16)])


def test_a_moving_percentile_lies_between_ranks() -> None:
    assert ask(algo="moving_percentile", percentile=25)["series"][4] == 139
    assert ask(algo="moving_percentile", percentile=0.9)["series"][4] == near(141.6)
    assert ask(algo="moving_percentile")["series"] == ask(algo="moving_median")["series"]


def test_ewma_starts_where_it_is_told_or_at_the_first_result() -> None:
    given = {"algo": "EWMA", "lam": 0.2, "block": None}
    assert ask(**given, start=140)["series"][:4] == near([140, 140.2, 139.96, 140.368])
    assert ask(**given, results=[150, 140])["series"] == near([150, 148])
    assert ask(**given, results=[150, 140], start=140)["series"] == near([142, 141.6])
    assert ask(algo="ema", block=9, results=[150, 140])["series"] == near([150, 148])  # 2 / (9 + 1)


def test_ewma_leaves_out_or_cuts_what_is_beyond() -> None:
    given = {
        "algo": "ewma",
        "lam": 0.5,
        "start": 140,
        "block": None,
        "truncation": CUT,
        "results": [140, 155, 150],
    }
    assert ask(**given, mode="exclude")["series"] == near([140, 140, 140])
    assert ask(**given, mode="winsorise")["series"] == near([140, 143.5, 145.25])


def test_bull_moves_once_a_batch() -> None:
    given = {"algo": "bull", "N": 20, "prev": 88.0, "results": BATCH}
    assert answer(given)["xb"] == near(88.84478765661798)
    assert answer(given | {"r": 0.5})["xb"] == near((88 + 88.84478765661798) / 2)
    assert answer(given | {"results": BATCH[:19]})["xb"] is None
    assert answer(given | {"results": []})["xb"] is None
    assert answer({"algo": "Bull's", "prev": 88, "results": BATCH})["xb"] == near(88.84478765661798)
    assert answer({"algo": "bull", "prev": 88, "batch": BATCH})["xb"] == near(88.84478765661798)
    twice = answer(given | {"results": BATCH * 2})["series"]
    assert answer(given | {"results": BATCH * 2})["xb_series"] == [twice[19], twice[39]]
    assert twice[18:20] == near([None, 88.84478765661798])
    assert twice[38] == twice[19] < twice[39]


def test_bull_of_results_all_on_the_level_stays() -> None:
    assert answer({"algo": "bull", "prev": 5, "results": [5] * 20})["xb"] == 5
    assert answer({"algo": "bull", "prev": 5, "results": [1] * 20})["xb"] == near(1)


@pytest.mark.parametrize(
    ("results", "smoothed", "series"),
    [
        ([None, None, 3, 4, 5], [30, 40, 50], [None, None, 30, 40, 50]),
        ([1, None, 2, None, 3, 4], [10, 20, 30, 40], [10, 10, 20, 20, 30, 40]),
        (["NA", 1, ""], [10], [None, 10, 10]),
        ([1, 2], [None, 5], [None, 5]),
    ],
)
def test_a_result_that_lacks_repeats_the_smoothed_value_before_it(
    results: list[Any], smoothed: list[Any], series: list[Any]
) -> None:
    for algo in ({"algo": "carry-forward of smoothed value"}, {}):
        found = answer({"results": results, "smoothed_without_na": smoothed, **algo})
        assert found["series"] == series


def test_results_that_lack_do_not_count() -> None:
    found = ask(results=[None, 1, 2, None, 3, None], block=2)
    assert (found["series"], found["n_included"]) == ([None, None, 1.5, 1.5, 2.5, 2.5], 3)


# --- transforms --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"transform": "log"}, math.log(10)),
        ({"transform": "ln"}, math.log(10)),
        ({"transform": "log10"}, 1),
        ({"transform": "sqrt"}, 5.5),
        ({"transform": "box-cox", "lambda": 0.5}, 9),
        ({"transform": {"name": "box-cox", "lambda": 0.5}}, 9),
        ({"transform": {"box_cox": 0.5}}, 9),
        ({"boxcox_lambda": 0.5}, 9),
        ({"boxcox_lambda": 0}, math.log(10)),
        ({"transform": "none"}, 50.5),
    ],
)
def test_transforms(changes: dict[str, Any], expected: float) -> None:
    found = ask(results=[1, 100], block=2, **changes)
    assert found["series"][1] == near(expected)


def test_a_transformed_series_is_told_in_units_too() -> None:
    found = ask(results=[1, 100], block=2, transform="log")
    assert found["series_in_units"] == near([None, 10])
    assert "series_in_units" not in ask(results=[1, 100], block=2, transform="log", algo="sd")
    assert "series_in_units" not in ask()


def test_numbers_beyond_all_numbers_are_none() -> None:
    given = {"algo": "ewma", "lam": 0.5, "block": None, "results": [1]}
    assert ask(**given, transform="log", start=5000)["series_in_units"] == [None]
    assert ask(**given, transform="sqrt", start=1e300)["series_in_units"] == [None]
    assert ask(results=[1.7e308, 1.7e308, 1], block=2)["series"] == [None, None, 8.5e307]


def test_box_cox_of_an_ewma_does_not_take_its_weight() -> None:
    with pytest.raises(InputError, match=r"^power: "):
        ask(algo="ewma", lam=0.5, transform="box_cox")


# --- alarms ------------------------------------------------------------------------------------------------


def test_the_first_alarm_after_a_bias() -> None:
    given: dict[str, Any] = {"truncation": CUT, "mode": "winsorise", "control_limits": [138.0, 142.0]}
    found = ask(**given, bias_starts_at_index=10)
    assert (found["first_alarm_index"], found["NPed"], found["false_positive_before_bias"]) == (12, 3, 0)
    assert found["alarms"] == [12, 13, 14]
    assert ask(**given)["first_alarm_index"] == 12
    assert "NPed" not in ask(**given)
    found = ask(**given, bias_starts_at_index=13)
    assert (found["first_alarm_index"], found["NPed"], found["false_positive_before_bias"]) == (13, 1, 1)
    found = ask(**given | {"control_limits": {"lower": 130, "upper": 150}}, bias_starts_at_index=10)
    assert (found["first_alarm_index"], found["NPed"]) == (None, None)


def test_an_alarm_below_and_a_side_not_watched() -> None:
    assert ask(lcl=141)["alarms"] == [4, 5]
    assert ask(ucl=143.1)["alarms"] == [7, 10, 13, 14]
    assert ask(control_limits=[None, 143.1])["alarms"] == [7, 10, 13, 14]


def test_a_bias_is_put_on_from_its_start() -> None:
    given = {"results": [100] * 6, "block": 2, "bias_start": 3}
    assert ask(**given, bias=10)["series"] == near([None, 100, 100, 105, 110, 110])
    assert ask(**given, bias_percent=-10)["series"] == near([None, 100, 100, 95, 90, 90])
    assert ask(**given | {"results": [100, None, 100, 100]}, bias=10)["series"] == near(
        [None, None, 100, 105]
    )
    assert ask(results=[100, 100], block=1, bias=1)["series"] == near([101, 101])


# --- speed -------------------------------------------------------------------------------------------------


def test_speed_of_numbers_of_results() -> None:
    found = answer({"npeds": [1, 2, 3, 4, 10]})
    assert (found["ANPed"], found["MNPed"], found["P95"]) == near_tuple(4, 3, 8.8)
    assert answer({"NPed": [1, 2, 3, 4, 10], "percentile_method": "nearest-rank"})["P95"] == 10
    assert answer({"npeds": [7], "percentile_method": "nearest_rank"})["P95"] == 7


def near_tuple(*values: float) -> Any:
    return tuple(near(one) for one in values)


def test_speed_where_some_are_not_detected() -> None:
    found = answer({"npeds": [1, 3, None, 5]})
    assert (found["ANPed"], found["MNPed"], found["P95"]) == (3, 4, None)
    assert (found["n"], found["n_undetected"], found["share_undetected"]) == (4, 1, 0.25)
    assert answer({"npeds": [1, None, 7, 5], "horizon": 7})["ANPed"] == 5
    assert answer({"npeds": [None]})["ANPed"] is None


def test_speed_of_first_alarms() -> None:
    found = answer({"first_alarm_indices": [12, 14, None], "bias_starts_at_index": 10})
    assert (found["NPed"], found["ANPed"], found["MNPed"]) == ([3, 5, None], 4, 5)


def test_speed_of_trials() -> None:
    places = [
        {"bias_starts_at_index": 10, "first_alarm_index": 12},
        {"bias_at": 5, "first_alarm_index": None},
    ]
    assert answer({"trials": [*places, {"NPed": 7}]})["NPed"] == [3, None, 7]
    assert answer({"simulations": [3, None, 7]})["NPed"] == [3, None, 7]
    assert answer({"NPed_per_simulation": [3, None, 7]})["NPed"] == [3, None, 7]


# --- spelling and bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inputs",
    [
        {"results": RESULTS, "algo": "Moving Average", "block": 5, "truncation": CUT, "mode": "Winsorize"},
        {"values": [str(one) for one in RESULTS], "algorithm": "mean", "N": "5", "ll": 135, "ul": 147, "mode": "clip"},
        {"Results": [Decimal(one) for one in RESULTS], "method": "SMA", "block_size": 5.0,
         "truncation_limits": {"lower": 135, "upper": 147}, "truncation_mode": "winsorised", "note": "as before"},
        {"inputs": {"results": RESULTS, "algo": "ma", "window": 5, "truncation": CUT, "mode": "cap"}},
    ],
)  # fmt: skip
def test_the_same_in_other_words(inputs: dict[str, Any]) -> None:
    assert answer(inputs) == ask(truncation=CUT, mode="winsorise")


@pytest.mark.parametrize(
    "inputs",
    [
        {"Results": []}, {"algorithm": "ma"}, {"smoothed_without_na": []}, {"NPed": [1]}, {"nped_runs": [1]},
        {"first_alarm_indices": [1]}, {"trials": []},
    ],
)  # fmt: skip
def test_what_is_meant_is_known_by_its_names(inputs: dict[str, Any]) -> None:
    assert is_meant(inputs)
    assert not is_meant({"TEa_pct": 10, "bias_pct": 1, "cv_pct": 2})


def test_ways_of_stepping() -> None:
    once = ask(is_batched=True)
    assert ask(mode="batch") == ask(batch="block") == once
    assert ask(mode="sliding") == ask(batch="each") == ask(batch=False) == ask()
    assert ask(algo="ewma", lam=0.1, batch=True) == ask(algo="ewma", lam=0.1)


def test_a_truncation_without_a_mode_leaves_out_and_a_mode_without_limits_does_nothing() -> None:
    assert ask(truncation=CUT) == ask(truncation=CUT, mode="exclude")
    assert ask(mode="winsorise", truncation=None) == ask()
    assert ask(truncation=CUT, mode="none") == ask()
    assert ask(truncation=[None, 147]) == ask(truncation=CUT)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"results": None}, "results lacks"),
        ({"results": "140"}, "results: give a list"),
        ({"results": [1, "x"]}, r"results\[1\]: 'x' is no number; write it with a decimal point"),
        ({"results": [1, True]}, r"results\[1\]: True is no number"),
        ({"results": [math.inf]}, r"results\[0\]: inf is no finite number"),
        ({"colour": 1}, "colour: not known here"),
        ({"n": 4}, "n: block is given twice"),
        ({"algo": None}, "algo lacks: one of moving_average, "),
        ({"algo": "cusum"}, "algo: 'cusum' is none of moving_average, "),
        ({"block": None}, "block lacks"),
        ({"block": 2.5}, "block: 2.5 is no whole number"),
        ({"block": 0}, "block: give a number of results"),
        ({"algo": "ewma", "block": None}, "lam lacks"),
        ({"algo": "ewma", "lam": 2}, "lam: give a weight"),
        ({"algo": "bull"}, "prev lacks"),
        ({"algo": "movso"}, "normal: say which"),
        ({"mode": "guess", "truncation": CUT}, "mode: 'guess' is none of none, exclude, winsorise"),
        ({"transform": "cube"}, "transform: 'cube' is none of"),
        ({"truncation": [147, 135]}, "truncation: the lower limit 147 lies above the upper 135"),
        ({"truncation": 5}, r"truncation: give \[lower, upper\]"),
        ({"truncation": [5]}, r"truncation: give \[lower, upper\]"),
        ({"batch": "perhaps"}, "batch: 'perhaps' is none of sliding, batch"),
        ({"bias_start": 3}, "control_limits lacks"),
        ({"bias_start": 99, "control_limits": [1, 2]}, "bias_starts_at_index: 99 is no place"),
        ({"algo": "carry-forward"}, "smoothed_without_na lacks"),
        ({"smoothed": [1]}, "smoothed_without_na: 1 values for 15 results"),
        ({"npeds": []}, "npeds: give at least one"),
        ({"npeds": [0]}, "npeds: an error is found by its first result"),
        ({"npeds": [1e308]}, "npeds: an error is found by its first result"),
        ({"npeds": [1], "percentile_method": "best"}, "percentile_method: 'best' is none of"),
        ({"first_alarms": [1]}, "bias_starts_at_index lacks"),
        ({"trials": [{"first_alarm_index": 1}]}, "bias_starts_at_index lacks"),
        ({"trials": "3"}, "trials: give a list"),
    ],
)
def test_bad_input_is_told_its_field_and_remedy(inputs: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=f"^{words}"):
        ask(**inputs)
