"""What may be released together with the rest of an order, and what a doctor must decide alone."""

import pytest

from aliquot.flow.results.rules.fitness import ABSENT_KNOWLEDGE, is_fit_together
from aliquot.flow.verification.rules.reasons import SENTENCES

ALONE = (
    "critical",
    "delta",
    "analyzer_flag",
    "unknown_flag",
    "instrument_message",
    "specimen_spoilt",
    "specimen_condition",
    "unexpected_finding",
    "no_limit_beyond",
    "outside_technical",
    "off_scale",
    "not_numeric",
    "unit_differs",
    "rerun",
    "item_closed",
)


@pytest.mark.parametrize("code", ALONE)
def test_what_speaks_against_one_value_is_decided_alone(code: str) -> None:
    assert code in SENTENCES
    assert not is_fit_together([{"code": code}, {"code": "no_interval"}], flag="N")


@pytest.mark.parametrize("code", sorted(ABSENT_KNOWLEDGE))
def test_a_missing_rule_says_nothing_about_the_value(code: str) -> None:
    assert code in SENTENCES
    assert is_fit_together([{"code": code}], flag="")


@pytest.mark.parametrize("flag", ["LL", "HH"])
def test_a_critical_value_is_never_released_with_others(flag: str) -> None:
    assert not is_fit_together([], flag=flag)


def test_a_reason_nobody_judged_is_decided_alone() -> None:
    assert not is_fit_together([{"code": "something_new"}], flag="N")


def test_all_that_is_absent_together_still_says_nothing_and_no_reason_least() -> None:
    assert is_fit_together([{"code": code} for code in sorted(ABSENT_KNOWLEDGE)], flag="N")
    assert is_fit_together([], flag="N")
    assert not is_fit_together([{}], flag="N")
