"""Control results as programs give them: every form, options, and errors that name the field."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from aliquot.flow.quality.rules.requests import answer
from aliquot.flow.quality.rules.westgard.requests import answer_table
from aliquot.flow.quality.rules.westgard.tables import COLUMNS
from aliquot.foundation.sheets import read_table
from aliquot.registers.catalogue.rules.calculators.quantities import InputError

SHIFTED = [["1-2s", 1], ["1-2s", 2], ["2-2s(within-level)", 2]]


@pytest.mark.parametrize(
    "inputs",
    [
        {"levels": 2, "z_by_run": [[2.1, 0.1], [2.4, -0.2]]},
        {"z_by_run": [["2.1", "0.1"], ["2.4", None]]},
        {"z_by_run": [[Decimal("2.1"), None], [Decimal("2.4"), None]], "levels": "2", "rules": None},
        {"Z": {"1": [2.1, 0], "2": [2.4, 0]}},
        {"z_scores": [{"L1": 2.1, "L2": 0.1}, {"L1": 2.4}], "n_levels": [1, 2]},
        {"z_by_run": [2.1, 2.4], "levels": 1, "z": None},
        {"z_by_level": [[2.1, 2.4], [0.1]]},
        {"z_by_level": {"1": [2.1, 2.4], "2": [0.1, -0.2]}, "test": "GLU"},
        {"values_by_run": [[5.21, 10], [5.24, 10]], "mean": [5, 10], "sd": [0.1, 1]},
        {"values": [[5.21, None], [5.24, 10]], "means": {"1": 5, "2": 10}, "sds": {"L1": 0.1, "L2": 1}},
        {"values": [[5.21], [5.24]], "mean": 5, "sd": "0.1"},
        {"values": [[5.21, 10], [5.24, 10]], "targets": [{"mean": 5, "sd": 0.1}, {"mean": 10, "sd": 1}]},
        {"values": [[5.21], [5.24]], "target": {"mean": 5, "sd": 0.1}},
        {"points": [{"run": 1, "level": 1, "z": 2.1}, {"Run": 2, "level": 1, "z": 2.4, "operator": "x"}]},
        {"controls": [
            {"run": 1, "level": 1, "value": 5.21, "mean": 5, "sd": 0.1}, {"run": 2, "level": 1, "value": 5.24},
        ]},
        {"values": [[5.21], [5.24]], "targets": [{"level": 1, "mean": 5, "sd": 0.1}]},
        {
            "points": [{"run": 1, "level": 1, "value": 5.21}, {"run": 2, "level": 1, "value": "5.24"}],
            "targets": [{"level": 1, "mean": 5, "sd": 0.1}, {"level": 1, "mean": 5, "sd": 0.1}],
        },
        {
            "points": [
                {"run": 1, "level": 1, "lot": "A", "value": 5.21},
                {"run": 2, "level": 1, "lot": "B", "value": 6.24},
            ],
            "targets": [
                {"level": 1, "lot": "A", "mean": 5, "sd": 0.1}, {"level": 1, "lot": "B", "mean": 6, "sd": 0.1},
            ],
        },
        {"inputs": {"z_by_run": [[2.1], [2.4]]}},
    ],
)  # fmt: skip
def test_every_form_says_the_same(inputs: dict[str, Any]) -> None:
    assert answer(inputs)["all_flags"] == SHIFTED


def test_violations_are_told_in_full() -> None:
    found = answer({"z_by_run": [[2.1, 0.1], [2.4, None]]})
    assert found["rejected_runs"] == [2]
    assert found["warned_runs"] == [1]
    assert found["violations"][-1] == {
        "flag": "2-2s(within-level)",
        "rule": "2-2s",
        "variant": "within-level",
        "run": 2,
        "levels": [1],
        "error": "systematic",
        "severity": "rejection",
        "points": [
            {"run": 1, "level": 1, "z": Decimal("2.1")},
            {"run": 2, "level": 1, "z": Decimal("2.4")},
        ],
    }
    assert [one["text"] for one in found["missing"]] == [
        "Run 2: level 2 was not measured; the rules go on with what is there."
    ]


@pytest.mark.parametrize(
    ("options", "flags"),
    [
        ({}, ["1-2s", "R-4s(classic)", "R-4s(range)"]),
        ({"rules": "westgard"}, ["1-2s", "R-4s(classic)"]),
        ({"rules": "1-3s/R-4s"}, ["R-4s(classic)"]),
        ({"rules": ["1-3s", "R-4s"], "r4s": "range"}, ["R-4s(range)"]),
        ({"rules": ["1-3s", "R-4s"], "R4s_mode": "both"}, ["R-4s(classic)", "R-4s(range)"]),
        ({"mode": "classic"}, ["1-2s", "R-4s(classic)"]),
        ({"rules": "1-2s, R-4s(range)"}, ["1-2s", "R-4s(range)"]),
        ({"rules": ["2-2s"], "warnings": ["1-2s", "R-4s"]}, ["1-2s", "R-4s(classic)"]),
        ({"rules": ["1-2s"], "warnings": []}, ["1-2s"]),
        ({"rules": "2-2s(across-levels,within-run);1-3s"}, []),
        ({"rules": ["R-4s"], "screened": True}, []),
        ({"sigma": 6}, []),
        ({"sigma": 5.2}, ["R-4s(classic)"]),
    ],
)
def test_rules_are_chosen(options: dict[str, Any], flags: list[str]) -> None:
    found = answer({"z_by_run": [[2.4, -2.3]], **options})
    assert [one for one, _ in found["all_flags"]] == flags


def test_a_rule_among_warnings_does_not_reject() -> None:
    inputs = {"z_by_run": [[2.4, -2.3]], "rules": ["R-4s"]}
    assert answer(inputs)["rejected_runs"] == [1]
    assert answer({**inputs, "warnings": ["R-4s"]})["warned_runs"] == [1]
    assert answer({"z_by_run": [[2.4]], "rules": ["1-2s"], "warnings": []})["rejected_runs"] == [1]


@pytest.mark.parametrize(
    ("counting", "rejected"),
    [("every_run", [2, 3]), (True, [2]), ("exclude", [2]), ("restart", [2]), (False, [2, 3])],
)
def test_rejected_runs_count_as_asked(counting: Any, rejected: list[int]) -> None:
    inputs = {"z_by_run": [[0.1], [3.5], [2.1]], "rules": ["1-3s", "2-2s"], "exclude_rejected": counting}
    assert answer(inputs)["rejected_runs"] == rejected


def test_three_levels_take_the_rules_of_three() -> None:
    found = answer({"z_by_run": [[1.1, 1.2, 1.3]], "sigma": 4})
    assert found["all_flags"] == [["3-1s(across-levels)", 1]]


def shaped(**inputs: Any) -> Callable[[], Any]:
    return lambda: answer(inputs)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"z_by_run": [[0.1], ["x"]]}, "z_by_run, run 2, level 1: 'x' is no number"),
        ({"z_by_run": [[0.1, True]]}, "z_by_run, run 1, level 2: True is no number"),
        ({"z_by_run": [[float("nan")]]}, "is no finite number"),
        ({"z_by_run": "2.1"}, "give a list of runs"),
        ({"z_by_run": [[0.1], [0.1, 0.2]], "levels": 1}, "run 2 has 2 values where levels says 1"),
        ({"z_by_run": [[0.1]], "levels": 0}, "no whole number from 1 to 9"),
        ({"z_by_run": [[0.1]], "levels": 1.5}, "no whole number from 1 to 9"),
        ({"z_by_run": [{"low": 1}]}, "'low' names no level"),
        ({"z_by_run": [[0.1]], "z_by_level": [[0.1]]}, "in one form"),
        ({"z_by_level": [0.1]}, "give for each level a list"),
        ({"z_by_level": [[0.1]] * 10}, "10 levels are too many"),
        ({"values_by_run": [[5]], "mean": 5}, "sd: level 1 has none"),
        ({"values_by_run": [[5, 6]], "mean": [5], "sd": [1, 1]}, "mean: level 2 has none"),
        ({"values_by_run": [[5]], "mean": 5, "sd": 0}, "sd, level 1: an SD is above zero"),
        ({"values_by_run": [[5]], "targets": [5]}, "targets, level 1: give mean and sd"),
        (
            {
                "points": [{"run": 1, "level": 1, "lot": "A", "value": 5}],
                "targets": [
                    {"level": 1, "lot": "A", "mean": 5, "sd": 0.1},
                    {"level": 1, "lot": "A", "mean": 6, "sd": 0.1},
                ],
            },
            "targets: level 1 of lot A has two targets",
        ),
        (
            {
                "values": [[5]],
                "targets": [{"level": 1, "mean": 5, "sd": 1}, {"level": 1, "mean": 6, "sd": 1}],
            },
            "targets: level 1 of lot - has two targets",
        ),
        ({"points": [{"run": 1, "level": 2, "value": 5}], "targets": [{"level": 1}]}, "no column mean"),
        ({"points": [1]}, "points: give a list of objects"),
        ({"points": [{"run": 1, "level": 1}]}, "no column z"),
        ({"z_by_run": [[0.1]], "rules": "1-3z"}, "'1-3z' is no control rule"),
        ({"z_by_run": [[0.1]], "rules": 13}, "rules: give a list of rules"),
        ({"z_by_run": [[0.1]], "counting": "some"}, "counting: 'some' is none of"),
        ({"z_by_run": [[0.1]], "r4s": "wide"}, "r4s: 'wide' is none of"),
        ({"z_by_run": [[0.1]], "r4s": 4}, "r4s: 4 is none of"),
        ({"z_by_run": [[0.1]], "screened": "maybe"}, "screened: 'maybe' is neither"),
        ({"z_by_run": [[0.1]], "colour": "red"}, "colour: not known here"),
        ({"z_by_run": [[0.1]], "z": [[0.1]]}, "the same as another field"),
        ({}, "nothing: no question of control"),
        ({"colour": "red"}, "colour: no question of control"),
    ],
)
def test_an_error_names_the_field(inputs: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as refused:
        answer(inputs)
    assert words in str(refused.value)


def test_a_table_takes_the_same_options() -> None:
    table = read_table(b"run,level,z\nmon,1,2.4\nmon,2,-2.3\ntue,1,x\n", COLUMNS)
    found = answer_table(table, {"rules": "westgard", "r4s": "range"})
    assert found["all_flags"] == [["1-2s", "mon"], ["R-4s(range)", "mon"]]
    assert found["faults"] == [
        {
            "row": 4,
            "field": "z",
            "text": "C4: 'x' is no number in the column z; correct it or leave the row out.",
        }
    ]


def test_patient_results_are_for_the_patient_based_rules() -> None:
    found = answer({"results": [1, 2, 3], "algo": "moving_average", "block": 2})
    assert found["series"] == [None, 1.5, 2.5]


@pytest.mark.parametrize("empty", [[], [[]], [{}], [[None, None]]])
def test_without_a_value_nothing_is_judged(empty: list[Any]) -> None:
    with pytest.raises(InputError, match="z_by_run: there is no value"):
        answer({"levels": 2, "z_by_run": empty})


def test_without_a_rule_nothing_is_judged() -> None:
    with pytest.raises(InputError, match="rules: give a list"):
        answer({"levels": 2, "z_by_run": [[0.1, 5.0]], "rules": []})
