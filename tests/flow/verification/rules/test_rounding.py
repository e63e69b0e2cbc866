"""From entered to printed numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.verification.rules.rounding import (
    Entry,
    plain,
    printed,
    read_entry,
    reported,
    reported_entry,
)


@pytest.mark.parametrize(
    ("number", "decimals", "expected"),
    [
        ("5.05", 1, "5.1"),
        ("5.15", 1, "5.2"),
        ("-5.05", 1, "-5.1"),
        ("0.5", 0, "1"),
        ("2.5", 0, "3"),
        ("4.1449", 2, "4.14"),
        ("4", 2, "4.00"),
        ("1.23456789", None, "1.234568"),
    ],
)
def test_half_is_rounded_away_from_zero(number: str, decimals: int | None, expected: str) -> None:
    assert str(reported(Decimal(number), decimals)) == expected


@given(st.decimals(-10_000, 10_000, places=6), st.integers(0, 4))
def test_rounding_moves_by_at_most_half_a_unit_and_only_once(number: Decimal, decimals: int) -> None:
    once = reported(number, decimals)
    assert abs(once - number) <= Decimal(5).scaleb(-decimals - 1)
    assert reported(once, decimals) == once


@pytest.mark.parametrize(
    ("number", "expected"),
    [("4.10", "4.1"), ("1E+2", "100"), ("0.000", "0"), ("100", "100"), ("-0.50", "-0.5")],
)
def test_plain_numbers_have_no_tail(number: str, expected: str) -> None:
    assert plain(Decimal(number)) == expected


def test_a_printed_value_shows_sign_and_decimals() -> None:
    assert printed(Decimal("0.6"), "<", 2) == "<0.60"
    assert printed(Decimal("0.60"), "", None) == "0.6"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("<0.04", "<0.04"), (">= 99.96", ">=99.96"), ("<0.5", "<0.5"), ("<0.50", "<0.5"), ("0.04", "0.0")],
)
def test_a_limit_that_was_typed_is_not_rounded(typed: str, expected: str) -> None:
    kept = reported_entry(read_entry(typed), 1)
    assert kept.text == expected
    assert kept.value == Decimal(expected.lstrip("<>="))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (" 5,1 ", Entry("5,1", Decimal("5.1"))),
        ("< 0.6", Entry("< 0.6", Decimal("0.6"), "<")),
        ("≥3", Entry("≥3", Decimal(3), ">=")),
        ("-2", Entry("-2", Decimal(-2))),
        ("1e5", Entry("1e5")),
        ("5.1.2", Entry("5.1.2")),
        ("negative", Entry("negative")),
        ("", Entry("")),
        ("٣", Entry("٣", Decimal(3))),
        ("1234567890123", Entry("1234567890123")),
    ],
)
def test_typed_values_are_read_with_point_or_comma(typed: str, expected: Entry) -> None:
    assert read_entry(typed) == expected
