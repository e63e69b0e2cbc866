"""What the analyzer flagged and reception saw: which of it holds a result."""

from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.verification.rules.kinds.flags import condition_reasons, flag_reasons
from tests.flow.verification.rules.evidences import case


def test_flags_that_only_place_the_value_are_harmless_and_signs_are_judged_by_the_limits() -> None:
    assert flag_reasons(*case(analyzer_flags=["normal", "low", "high"])) == []
    assert flag_reasons(*case(analyzer_flags=["below_range"], comparator="<")) == []
    assert flag_reasons(*case(analyzer_flags=["above_range"], comparator=">=")) == []
    assert [one.code for one in flag_reasons(*case(analyzer_flags=["below_range"], comparator=">"))] == [
        "analyzer_flag"
    ]


@given(st.text(min_size=1))
def test_a_flag_that_nobody_called_harmless_holds(flag: str) -> None:
    assert bool(flag_reasons(*case(analyzer_flags=[flag]))) is (flag not in {"normal", "low", "high"})


def test_a_condition_that_spoils_other_tests_only_does_not_hold_this_one() -> None:
    assert condition_reasons(*case(conditions=["LIPA"])) == []
