"""Critical limits: which values surely lie beyond them."""

from decimal import Decimal
from typing import Any

import pytest

from aliquot.flow.verification.rules.kinds.limits import critical_limit
from tests.flow.verification.rules.evidences import case, decided


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
    changed = case(value=Decimal(value), comparator=comparator)
    assert critical_limit(*changed) == (Decimal(limit) if limit else None)


@pytest.mark.parametrize(
    "changes", [{"unit": "mg/dL"}, {"technical_high": Decimal(8)}, {"value": None}, {"value": Decimal("NaN")}]
)
def test_an_incredible_value_is_no_critical_value(changes: dict[str, Any]) -> None:
    changed = {"value": Decimal(9), **changes}
    assert critical_limit(*case(**changed)) is None
    assert decided(**changed).critical is False
