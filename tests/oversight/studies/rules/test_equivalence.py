"""A local supplier's reagent against the one in use: all studies, one decision."""

import pytest
from scipy import stats

from tests.oversight.studies.rules.asked import ask, figures, refusal, remarks

X = [2 + 0.4 * one for one in range(45)]
Y = [one + 0.05 * (-1) ** index for index, one in enumerate(X)]
SUPPLIER = {"name": "A", "product": "Glucose", "registration": "RZN 1", "valid_until": "2030-01-01"}
PRECISION = {"day": [1, 1, 2, 2, 3, 3], "y": [5, 5.1, 5, 5.05, 5.1, 5]}


def test_all_that_is_accepted_is_equivalent() -> None:
    study = ask("equivalence", x=X, y=Y, allowable_bias=0.5, allowable_cv=10, supplier=SUPPLIER,
                precision=PRECISION)  # fmt: skip
    assert study.decision == "accepted"
    assert study.figures.studies == ("bland-altman", "comparison", "precision")
    assert study.figures.supplier == SUPPLIER
    difference = study.parts[0].figures
    assert difference.mean_ci[1] - difference.mean == pytest.approx(stats.t.ppf(0.95, 44) * difference.se)


def test_one_study_that_fails_turns_it_down() -> None:
    study = ask("equivalence", x=X, y=Y, allowable_bias=0.5, precision={**PRECISION, "allowable_cv": 0.1})
    assert study.figures.decisions == {
        "bland-altman": "accepted",
        "comparison": "accepted",
        "precision": "rejected",
    }
    assert study.decision == "rejected"
    assert ask("equivalence", x=X, y=[one + 1 for one in Y], allowable_bias=0.5).decision == "rejected"


def test_without_limits_nothing_is_decided_and_what_lacks_is_said() -> None:
    found = figures("equivalence", comparison={"x": X, "y": Y}, supplier="A")
    assert found["decision"] == "undetermined"
    assert found["parts"].keys() == {"bland-altman", "comparison"}
    assert "The record of supply lacks product, registration, valid_until" in found["remarks"][2]
    said = remarks("equivalence", x=X, y=Y, allowable_bias=0.5, precision=PRECISION)
    assert said[0].startswith("precision has no criterion")
    assert ask("equivalence", x=X, y=Y, allowable_bias=0.5, precision=PRECISION).decision == "accepted"


def test_a_study_is_given_in_braces() -> None:
    assert "in braces" in refusal("equivalence", x=X, y=Y, precision=5)


def test_a_registration_that_ended_is_told() -> None:
    for today, is_over in (("2030-01-01", False), ("2030-01-02", True)):
        study = ask("equivalence", x=X, y=Y, allowable_bias=0.5, supplier={**SUPPLIER, "today": today})
        assert any("ended on 01.01.2030" in one.message for one in study.remarks) is is_over
