"""Stability: unspun and spun time are counted apart, to the second."""

from datetime import timedelta
from typing import Any

import pytest

from aliquot.flow.verification.rules.kinds.stability import stability_reasons
from tests.flow.verification.rules.evidences import HOUR, NOW, case


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"spun_at": NOW - HOUR / 2, "unspun_room_minutes": 30, "stable_room_minutes": 30}, []),
        ({"spun_at": None, "unspun_room_minutes": 60, "stable_room_minutes": 60}, []),
        ({"spun_at": None, "unspun_room_minutes": 59}, ["unspun_too_long"]),
        ({"spun_at": None, "stable_room_minutes": 59}, ["stability_exceeded"]),
        ({"spun_at": NOW - 2 * HOUR, "unspun_room_minutes": 59}, ["unspun_too_long"]),
        ({"spun_at": NOW + HOUR, "unspun_room_minutes": 59}, ["unspun_too_long"]),
        (
            {"spun_at": None, "unspun_room_minutes": 59, "stable_room_minutes": 59},
            ["unspun_too_long", "stability_exceeded"],
        ),
        ({"is_centrifuged": False, "unspun_room_minutes": None, "stable_room_minutes": 60}, []),
        (
            {"is_centrifuged": False, "unspun_room_minutes": None, "stable_room_minutes": 59},
            ["stability_exceeded"],
        ),
    ],
)
def test_stability_counts_unspun_and_spun_time_apart(changes: dict[str, Any], expected: list[str]) -> None:
    assert [one.code for one in stability_reasons(*case(**changes))] == expected


def test_a_second_over_the_limit_is_over() -> None:
    late = case(is_centrifuged=False, stable_room_minutes=60, measured_at=NOW + timedelta(seconds=1))
    assert [one.code for one in stability_reasons(*late)] == ["stability_exceeded"]
