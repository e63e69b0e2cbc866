"""Every mode of delta, and the reference change value."""

from datetime import timedelta
from typing import Any

import pytest

from aliquot.flow.verification.rules.kinds.delta import change_between, rcv_limits
from aliquot.flow.verification.rules.shapes import (
    Delta,
)
from tests.flow.verification.rules.evidences import (
    DAY,
    HOUR,
    NOW,
    D,
    codes,
    decided,
    rule,
)


@pytest.mark.parametrize(
    ("mode", "value", "earlier", "days", "limit", "direction", "expected"),
    [
        ("absolute", "5.0", "4.0", 1, "1.0", "both", []),
        ("absolute", "5.1", "4.0", 1, "1.0", "both", ["delta_absolute"]),
        ("absolute", "4.0", "5.1", 1, "1.0", "both", ["delta_absolute"]),
        ("absolute", "4.0", "5.1", 1, "1.0", "increase", []),
        ("absolute", "5.1", "4.0", 1, "1.0", "decrease", []),
        ("absolute", "4.0", "5.1", 1, "1.0", "decrease", ["delta_absolute"]),
        ("rate", "5.0", "4.0", 5, "0.3", "both", []),
        ("rate", "5.0", "4.0", 3, "0.3", "both", ["delta_rate"]),
        ("rate_percent", "5.0", "4.0", 5, "5", "both", []),
        ("rate_percent", "5.0", "4.0", 5, "4.9", "both", ["delta_rate_percent"]),
        ("rcv", "4.5", "4.0", 5, "12.4", "both", ["delta_rcv"]),
        ("percent", "4.5", "0", 5, "12.4", "both", ["delta_from_zero"]),
        ("percent", "5.0", "4.0", 31, "5", "both", []),
    ],
)
def test_every_mode_of_delta(  # noqa: PLR0917 - a row of the table
    mode: Any, value: str, earlier: str, days: int, limit: str, direction: Any, expected: list[str]
) -> None:
    body = Delta("d", mode, D(limit), D(limit), timedelta(days=30), direction)
    seen = {"previous_value": D(earlier), "previous_collected_at": NOW - HOUR - days * DAY}
    assert codes(decided(rule(body, "K"), value=D(value), **seen)) == expected


def test_a_delta_of_another_mode_names_its_figures() -> None:
    body = Delta("d", "rate", D("0.3"), D("0.3"), timedelta(days=30))
    verdict = decided(
        rule(body, "K"), value=D(5), previous_value=D(4), previous_collected_at=NOW - HOUR - 3 * DAY
    )
    assert verdict.reasons[0].as_json() == {
        "code": "delta_rate",
        "previous": "4",
        "days": "3",
        "limit": "0.3",
        "change": "0.333",
        "rule": "d",
    }


def test_the_published_reference_change_values() -> None:
    """HbA1c with CVA 1.5 and CVI 1.9: 6.7 %. Source: Fraser 2001; the other figures by the same formula."""
    up, down = rcv_limits(D("1.5"), D("1.9"), D("1.96"), is_lognormal=False)
    assert (round(up, 4), up) == (D("6.7100"), down)
    up, down = rcv_limits(D("2.5"), D("20"), D("1.96"), is_lognormal=True)
    assert (round(up, 4), round(down, 4)) == (D("73.8692"), D("42.4855"))


def test_a_change_from_zero_has_no_percentage() -> None:
    assert change_between(D(1), D(0), "rate_percent", DAY) is None
    assert change_between(D(1), D(0), "absolute", DAY) == 1
