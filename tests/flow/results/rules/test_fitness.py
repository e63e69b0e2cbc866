"""What a person may release together with the rest of an order."""

import pytest

from aliquot.flow.results.rules.fitness import ABSENT_KNOWLEDGE, is_fit_together
from aliquot.flow.results.rules.reasons import SENTENCES


def test_what_only_lacks_a_limit_is_fit() -> None:
    assert is_fit_together([{"code": "manual"}, {"code": "no_interval"}], flag="")
    assert is_fit_together([], flag="H")


@pytest.mark.parametrize("flag", ["LL", "HH"])
def test_a_critical_value_is_decided_alone(flag: str) -> None:
    assert not is_fit_together([{"code": "manual"}], flag=flag)


@pytest.mark.parametrize("code", sorted(set(SENTENCES) - ABSENT_KNOWLEDGE))
def test_whatever_speaks_against_a_value_is_decided_alone(code: str) -> None:
    assert not is_fit_together([{"code": "manual"}, {"code": code}], flag="N")


def test_every_named_code_has_a_sentence() -> None:
    assert set(SENTENCES) >= ABSENT_KNOWLEDGE
