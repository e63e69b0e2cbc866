"""Sigma as programs ask for it: units, spellings, what is assumed, errors that name the field."""

from decimal import Decimal
from typing import Any

import pytest

from aliquot.flow.quality.rules.requests import answer
from aliquot.registers.catalogue.rules.calculators.quantities import InputError


@pytest.mark.parametrize(
    "inputs",
    [
        {"TEa_pct": 10, "bias_pct": 2, "cv_pct": 2},
        {"TEa_pct": "10", "bias_pct": "-2", "cv_pct": "2", "levels": 2, "test": "GLU"},
        {"TEa_percent": 10.0, "Bias %": 2, "CV": 2},
        {"TEa": "0.5", "bias": "0.1", "sd": "0.1"},
        {"TEa": "0.5", "bias": "0.1", "sd": "0.1", "mean": 5},
        {"TEa_pct": 10, "bias_pct": 2, "sd": "0.1", "mean": 5},
        {"TEa_pct": 10, "mean": "5.1", "target": 5, "cv_pct": 2},
        {"inputs": {"TEa_pct": 10, "bias_pct": 2, "cv_pct": 2}},
    ],
)
def test_units_are_brought_together(inputs: dict[str, Any]) -> None:
    assert answer(inputs)["sigma"] == 4


def test_all_that_follows_from_the_metric() -> None:
    found = answer({"TEa_pct": 15, "bias_pct": 3, "cv_pct": 4})
    assert found["levels2"] == {"rules": "1-3s/2-2s/R-4s/4-1s/8-x", "N": 4, "R": 2}
    assert found["levels3"] == {"rules": "1-3s/2of3-2s/R-4s/3-1s/6-x", "N": 6, "R": 1}
    assert found["instead"] == {"levels2": {"N": 2, "R": 4}, "levels3": {"N": 3, "R": 2}}
    assert (found["critical_SE"], found["quality_goal_index"]) == (Decimal("1.35"), Decimal("0.5"))
    assert found["weakness"] == "imprecision"
    assert found["run_size"] == {"levels2": 14, "levels3": 13}
    assert "assumed" not in found


def test_a_bias_that_is_not_said_is_said_to_be_none() -> None:
    found = answer({"TEa_pct": 10, "bias_pct": None, "cv_pct": 2})
    assert (found["sigma"], found["assumed"]) == (5, {"bias": 0})


def test_sigma_alone_asks_for_rules() -> None:
    found = answer({"sigma": 6})
    assert found["levels2"] == {"rules": "1-3s", "N": 2, "R": 1}
    assert found["instead"] == {}


def test_no_run_is_short_enough_below_zero() -> None:
    found = answer({"TEa_pct": 1, "bias_pct": 3, "cv_pct": 4})
    assert found["sigma"] == Decimal("-0.5")
    assert found["run_size"] == {"levels2": None, "levels3": None}


@pytest.mark.parametrize(
    "inputs",
    [
        {"defect_percent": "0.2"},
        {"defect_rate": "0.002", "shift": 1.5},
        {"dpmo": 2000},
        {"yield_percent": "99.8"},
        {"defects": 2, "opportunities": 1000},
        {"errors": 2, "n": "1000", "shift": None},
    ],
)
def test_a_rate_however_it_is_given(inputs: dict[str, Any]) -> None:
    found = answer(inputs)
    assert found["short_term_sigma"] == Decimal("4.38")
    assert (found["dpmo"], found["yield_percent"]) == (2000, Decimal("99.8"))


def test_without_a_defect_there_is_no_bound() -> None:
    found = answer({"defects": 0, "opportunities": 1000})
    assert (found["short_term_sigma"], found["unrounded"]) == (None, None)
    assert found["refused"]["short_term_sigma"]["code"] == "no_bound"


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"TEa_pct": 10, "bias_pct": 2, "cv_pct": 0}, "CV: an imprecision is above zero"),
        ({"TEa_pct": 0, "bias_pct": 2, "cv_pct": 1}, "TEa: an allowable error is above zero"),
        ({"TEa_pct": "x", "bias_pct": 2, "cv_pct": 1}, "tea_pct: 'x' is no number"),
        ({"TEa_pct": 10, "bias_pct": 2}, "cv_pct lacks"),
        ({"TEa_pct": 10, "bias": "0.1", "cv_pct": 2}, "bias: beside fields in per cent give bias_pct"),
        ({"TEa": 1, "sd": 1, "mean": 0}, "mean: give the concentration"),
        ({"TEa": 1, "sd": 1, "target": 5}, "target: a bias needs mean"),
        ({"TEa": 1, "sd": 1, "mean": 5, "target": 0}, "target: a bias needs mean"),
        ({"TEa_pct": 10, "biass": 2, "cv_pct": 1}, "biass: not known here"),
        ({"TEa_pct": "1E+999999", "cv_pct": "1E-9"}, "tea_pct: '1E+999999' is out of any range"),
        ({"TEa_pct": 1, "cv_pct": "1E-31"}, "cv_pct: '1E-31' is out of any range"),
        ({"TEa_pct": 10**400, "cv_pct": 1}, "is out of any range"),
        ({"TEa_pct": None, "cv_pct": 1}, "TEa_pct lacks"),
        ({"TEa_pct": None}, "TEa_pct lacks"),
        ({"defect_percent": 101}, "defect_percent: The share of defects lies from 0 to 1"),
        ({"defects": 1}, "opportunities lacks"),
        ({"defects": 1, "opportunities": 0}, "opportunities: give a number above zero"),
    ],
)
def test_an_error_names_the_field(inputs: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as refused:
        answer(inputs)
    assert words in str(refused.value)
