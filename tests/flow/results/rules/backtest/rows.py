"""Kept results of an unremarkable potassium, for tests of the back-test to change."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from aliquot.flow.results.rules.backtest.replay import Kept

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POTASSIUM = Kept(
    result_id=1,
    patient_id=50,
    order_id=30,
    order_item_id=20,
    test_id=4,
    laboratory_id=5,
    analyzer_id=6,
    value=Decimal("4.2"),
    value_text="4.2",
    comparator="",
    unit="mmol/L",
    analyzer_flags=["dust"],
    run=1,
    dilution="",
    is_computed=False,
    was_sent_back=False,
    sex="F",
    age_days=14_000,
    ward="",
    diagnosis="N18",
    is_pregnant=None,
    urgency="R",
    collected_at=NOON - HOUR,
    measured_at=NOON - HOUR / 2,
    spun_at=NOON - HOUR / 3,
    accepted_at=NOON - HOUR / 4,
    conditions=["HAEM"],
    qc_state="in_control",
    is_calibrated=True,
    is_reagent_valid=False,
    recorded_at=NOON,
    decided_at=NOON,
    released_at=None,
    state="held",
    is_automatic=False,
    supersedes_id=None,
    item_state="open",
    order_state="placed",
    before=None,
    indices=None,
)


def kept(result_id: int = 1, value: str = "4.2", **changes: Any) -> Kept:
    return POTASSIUM._replace(
        **{"result_id": result_id, "value": Decimal(value), "value_text": value, **changes}
    )


def released(result_id: int, value: str, at: datetime, **changes: Any) -> Kept:
    """Recorded and released at `at`, drawn the hour before."""
    times = {"recorded_at": at, "released_at": at, "decided_at": at, "collected_at": at - HOUR}
    return kept(result_id, value, **{"state": "released", "item_state": "reported", **times, **changes})
