"""Critical limits: which values surely lie beyond them."""

from decimal import Decimal
from typing import Any

import pytest

from tests.flow.verification.rules.evidences import decided


@pytest.mark.parametrize(
    ("comparator", "value", "limit"),
    [
        ("<", "2.8", "2.8"),
        ("<", "2.9", None),
        ("<=", "2.8", None),
        (">", "6.2", "6.2"),
        (">=", "6.2", None),
        (">=", "6.3", "6.2"),
        (">", "6.1", None),
        ("<", "7", None),
        (">", "1", None),
    ],
)
def test_a_value_with_a_sign_is_critical_only_when_surely_beyond(
    comparator: str, value: str, limit: str | None
) -> None:
    verdict = decided(value=Decimal(value), comparator=comparator)
    named = [dict(one.facts)["limit"] for one in verdict.reasons if one.code == "critical"]
    assert (verdict.critical, named) == (limit is not None, [limit] if limit else [])


@pytest.mark.parametrize(
    "changes", [{"unit": "mg/dL"}, {"technical_high": Decimal(8)}, {"value": None}, {"value": Decimal("NaN")}]
)
def test_an_incredible_value_is_no_critical_value(changes: dict[str, Any]) -> None:
    verdict = decided(**{"value": Decimal(9), **changes})
    assert (verdict.critical, verdict.release) == (False, False)
