"""What a management review looks at, and when it may be signed."""

from datetime import date

import pytest

from aliquot.oversight.accreditation.rules.reviews import (
    Input,
    is_overdue,
    read_inputs,
    shifted,
    span_before,
    why_not_reviewed,
    why_not_signed,
)

TEXT = '[[input]]\nletter = "g"\nname_en = "P"\nname_ru = "П"\nof_2012 = "j"\nfigures = ["supplies"]\n'
NOV, DEC = date(2026, 11, 1), date(2026, 12, 1)


def test_an_input_is_read_with_its_figures() -> None:
    assert read_inputs(TEXT, {"supplies"}) == [Input("g", "P", "П", "j", ("supplies",))]
    assert read_inputs(TEXT.replace('figures = ["supplies"]\n', ""), ())[0].figures == ()


def test_a_figure_that_nobody_counts_is_named() -> None:
    with pytest.raises(ValueError, match="g: nobody counts supplies"):
        read_inputs(TEXT, {"audits"})


def test_the_span_before_is_as_long() -> None:
    assert span_before(date(2026, 1, 1), date(2026, 4, 1)) == (date(2025, 10, 1), date(2026, 1, 1))
    assert span_before(date(2026, 1, 1), date(2027, 1, 1)) == (date(2025, 1, 1), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("count", "month"), [(1, DEC), (2, date(2027, 1, 1)), (-11, date(2025, 12, 1)), (0, NOV)]
)
def test_months_go_over_the_year(count: int, month: date) -> None:
    assert shifted(NOV, count) == month


@pytest.mark.parametrize(
    ("since", "until", "why"),
    [
        (NOV, DEC, ""),
        (date(2026, 11, 2), DEC, "months"),
        (NOV, date(2026, 11, 30), "months"),
        (DEC, NOV, "order"),
        (NOV, NOV, "order"),
        (NOV, date(2027, 1, 1), "future"),
    ],
)
def test_whole_months_that_are_over_are_reviewed(since: date, until: date, why: str) -> None:
    assert why_not_reviewed(since, until, DEC) == why


@pytest.mark.parametrize(
    ("kinds", "unremarked", "why"),
    [
        (["decision"], [], ""),
        (["remark", "action"], [], ""),
        (["remark"], [], "outputs"),
        ([], ["i"], "outputs"),
        (["action"], ["i"], "silent"),
    ],
)
def test_a_review_decides_something_and_leaves_no_input_out(
    kinds: list[str], unremarked: list[str], why: str
) -> None:
    assert why_not_signed(kinds, unremarked) == why


def test_an_action_is_overdue_on_the_day_after() -> None:
    assert is_overdue(NOV, DEC, is_done=False)
    assert not is_overdue(DEC, DEC, is_done=False)
    assert not is_overdue(NOV, DEC, is_done=True)
