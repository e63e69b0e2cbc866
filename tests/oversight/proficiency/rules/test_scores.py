"""Scores of single results, events over time, words."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.oversight.proficiency.rules.events import (
    allowed_deviation,
    event_score,
    follow_events,
    grade,
    is_satisfactory,
)
from aliquot.oversight.proficiency.rules.grades import Agreement, agree, consensus_word
from aliquot.oversight.proficiency.rules.investigation import CAUSES, next_step, why_open
from aliquot.oversight.proficiency.rules.scores import (
    Signal,
    d_percent,
    en_accepts,
    en_score,
    needs_z_prime,
    sdi,
    signal_of,
    z_prime,
    z_score,
    zeta_score,
)

D = Decimal
FIVE_GRADES = ("neg|0", "trace", "1+", "2+", "3+")


def test_scores_of_records_are_exact() -> None:
    assert z_score(D("5.4"), D("5.0"), D("0.2")) == 2
    assert z_prime(D(9), D(4), D(3), D(4)) == 1
    assert zeta_score(D(9), D(4), D(3), D(4)) == 1
    assert en_score(D(9), D(4), D(3), D(4)) == 1
    assert sdi(D(11), D(8), D(2)) == D("1.5")
    assert d_percent(D("5.4"), D("5.0")) == 8


def test_scores_of_binary_fractions_are_binary_fractions() -> None:
    assert z_prime(5.4, 5.0, 0.2, 0.02) == pytest.approx(0.4 / math.sqrt(0.0404), abs=1e-12)


@pytest.mark.parametrize(
    ("score", "signal"),
    [
        ("2", Signal.ACCEPTABLE),
        ("-2", Signal.ACCEPTABLE),
        ("2.001", Signal.WARNING),
        ("-2.999", Signal.WARNING),
        ("3", Signal.ACTION),
        ("-3", Signal.ACTION),
    ],
)
def test_the_bounds_of_a_signal(score: str, signal: Signal) -> None:
    assert signal_of(D(score)) is signal


def test_uncertainty_counts_from_above_three_tenths_of_sigma() -> None:
    assert not needs_z_prime(D("0.6"), D(2))
    assert needs_z_prime(D("0.601"), D(2))


def test_en_is_fit_to_one() -> None:
    assert en_accepts(D(-1))
    assert not en_accepts(D("1.01"))


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e3), st.floats(0, 1e3))
def test_uncertainty_never_makes_a_score_larger(x: float, sigma: float, u: float) -> None:
    assert abs(z_prime(x, 0.0, sigma, u)) <= abs(z_score(x, 0.0, sigma)) * (1 + 1e-12)


def test_the_greater_of_the_limits_counts() -> None:
    assert allowed_deviation(D(60), absolute=D(6), percent=D(8)) == 6
    assert allowed_deviation(D(100), absolute=D(6), percent=D(8)) == 8
    assert allowed_deviation(D(-100), percent=D(8)) == 8
    assert allowed_deviation(D(5), sds=D(3)) == 3
    with pytest.raises(ValueError, match="no limit"):
        allowed_deviation(D(5))


def test_a_result_on_the_limit_is_within_it() -> None:
    assert grade(D("4.5"), D("4.0"), D("0.5")).is_acceptable
    assert not grade(D("4.51"), D("4.0"), D("0.5")).is_acceptable
    assert grade(D("3.4"), D("4.0"), D("0.5")).deviation == D("-0.6")


def test_an_event_needs_four_of_five() -> None:
    assert event_score([True] * 4 + [False]) == 80
    assert is_satisfactory(event_score([True] * 4 + [False]))
    assert not is_satisfactory(event_score([True] * 3 + [False] * 2))
    assert event_score([]) == 0


@pytest.mark.parametrize(
    ("scores", "now", "ever"),
    [
        ([], False, False),
        ([60], False, False),
        ([60, 60], True, True),
        ([60, 100, 60], True, True),
        ([60, 100, 100, 60], False, False),
        ([60, 60, 100, 100], False, True),
        ([100, 80, 80], False, False),
    ],
)
def test_two_of_three_events_in_a_row(scores: list[int], *, now: bool, ever: bool) -> None:
    found = follow_events([D(one) for one in scores])
    assert (found.is_unsuccessful, found.was_unsuccessful) == (now, ever)
    assert found.satisfactory == tuple(one >= 80 for one in scores)


@pytest.mark.parametrize(
    ("said", "expected", "grades", "allowed", "found"),
    [
        ("Positive ", "positive", (), 0, Agreement(Signal.ACCEPTABLE, None)),
        ("negative", "positive", (), 0, Agreement(Signal.ACTION, None)),
        ("2+", "1+", FIVE_GRADES, 1, Agreement(Signal.ACCEPTABLE, 1)),
        ("0", "1+", FIVE_GRADES, 1, Agreement(Signal.ACTION, -2)),
        ("0", "NEG", FIVE_GRADES, 0, Agreement(Signal.ACCEPTABLE, 0)),
        ("4+", "3+", FIVE_GRADES, 1, Agreement(Signal.ACTION, None)),
        ("3+", "4+", FIVE_GRADES, 1, Agreement(Signal.ACTION, None)),
    ],
)
def test_words_agree(
    said: str, expected: str, grades: tuple[str, ...], allowed: int, found: Agreement
) -> None:
    assert agree(said, expected, grades=grades, allowed_grades=allowed) == found


def test_the_word_of_more_than_half() -> None:
    assert consensus_word(["A", "a", "B"]) == "a"
    assert consensus_word(["A", "B"]) is None
    assert consensus_word([]) is None
    assert consensus_word(["0", "neg", "1+"], FIVE_GRADES) == "neg"
    assert consensus_word(["0", "neg", "purple", "blue"], FIVE_GRADES) is None


@pytest.mark.parametrize(
    ("found", "due"),
    [
        ({}, "clerical"),
        ({"clerical": "excluded"}, "sample"),
        ({"clerical": "cause"}, "patient_impact"),
        ({"clerical": "excluded", "sample": "excluded", "method_group": "excluded"}, "analyzer"),
        (dict.fromkeys(CAUSES, "excluded"), "patient_impact"),
        ({"clerical": "cause", "patient_impact": "no_impact"}, None),
        ({**dict.fromkeys(CAUSES, "excluded"), "patient_impact": "impact"}, None),
    ],
)
def test_the_steps_of_an_investigation(found: dict[str, str], due: str | None) -> None:
    assert next_step(found) == due


@pytest.mark.parametrize(
    ("own", "provider", "earlier", "why"),
    [
        (Signal.ACTION, None, (), "action"),
        (Signal.ACCEPTABLE, Signal.ACTION, (), "action"),
        (Signal.WARNING, None, (), None),
        (Signal.WARNING, None, (Signal.ACCEPTABLE,), None),
        (Signal.WARNING, None, (Signal.WARNING,), "two_warnings"),
        (Signal.ACCEPTABLE, Signal.WARNING, (Signal.WARNING,), "two_warnings"),
        (Signal.ACCEPTABLE, None, (Signal.WARNING,), None),
        (Signal.MISSING, None, (), "missing"),
        (Signal.NOT_SCORED, None, (Signal.WARNING,), None),
    ],
)
def test_why_a_score_is_worked_off(
    own: Signal, provider: Signal | None, earlier: tuple[Signal, ...], why: str | None
) -> None:
    assert why_open(own, provider, earlier) == why
