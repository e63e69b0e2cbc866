"""An unremarkable potassium, for tests of the rules of release to change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from aliquot.flow.results.rules.evidence import Evidence

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
POTASSIUM = Evidence(
    result_id=1,
    order_item_id=2,
    order_id=3,
    test_id=4,
    value=Decimal("4.2"),
    value_text="4.2",
    comparator="",
    unit="mmol/L",
    analyzer_flags=(),
    measured_at=NOW,
    is_manual=False,
    scale="Qn",
    test_unit="mmol/L",
    is_released_by_rules=True,
    critical_low=Decimal("2.8"),
    critical_high=Decimal("6.2"),
    technical_low=None,
    technical_high=None,
    delta_percent=Decimal(20),
    delta_days=3,
    stable_room_minutes=480,
    stable_cold_minutes=None,
    unspun_room_minutes=240,
    is_centrifuged=True,
    spoilt_by=("HAEM",),
    has_interval=True,
    is_interval_unclear=False,
    low=Decimal("3.5"),
    high=Decimal("5.1"),
    expected_en="",
    expected_ru="",
    sex="F",
    age_days=14_863,
    previous_value=None,
    previous_collected_at=None,
    collected_at=NOW - HOUR,
    spun_at=NOW - HOUR / 2,
    accepted_at=NOW - HOUR / 3,
    conditions=(),
    qc_state="no_plan",
    is_suspended=False,
    item_state="open",
    order_state="placed",
    urgency="R",
    is_inpatient=False,
    is_rerun=False,
)
"""An unremarkable potassium: every rule allows it."""


def evidence(**changes: Any) -> Evidence:
    return replace(POTASSIUM, **changes)


def potassium(value: str, **changes: Any) -> Evidence:
    return evidence(value=Decimal(value), value_text=value, **changes)
