"""Everything a decision about one result may look at, in one frozen row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

QcState = Literal["no_plan", "in_control", "out_of_control", "unknown"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One result, its test's limits, its specimen, its analyzer, its order and the patient's earlier value.

    Numbers are Decimal in the test's unit, ages are days at collection, stabilities are minutes, moments are
    UTC. `low` and `high` are the interval that covers the patient. `previous_value` is the latest released
    number of the same patient, test and unit that was *collected* before this one.
    """

    result_id: int
    order_item_id: int
    order_id: int
    test_id: int
    # what was measured
    value: Decimal | None
    value_text: str
    comparator: str
    unit: str
    analyzer_flags: Sequence[str]  # the driver's names, "message:..." and "unknown:..."
    measured_at: datetime | None
    is_manual: bool
    # what the catalogue says of the test
    scale: str
    test_unit: str
    is_released_by_rules: bool
    critical_low: Decimal | None
    critical_high: Decimal | None
    technical_low: Decimal | None
    technical_high: Decimal | None
    delta_percent: Decimal | None
    delta_days: int | None
    stable_room_minutes: int | None
    stable_cold_minutes: int | None
    unspun_room_minutes: int | None
    is_centrifuged: bool
    spoilt_by: Sequence[str]
    # the interval for this sex and age
    has_interval: bool
    is_interval_unclear: bool
    low: Decimal | None
    high: Decimal | None
    expected_en: str
    expected_ru: str
    # the patient
    sex: str
    age_days: int | None
    previous_value: Decimal | None
    previous_collected_at: datetime | None
    # the specimen
    collected_at: datetime | None
    spun_at: datetime | None
    accepted_at: datetime | None
    conditions: Sequence[str]
    # the analyzer
    qc_state: QcState
    is_suspended: bool
    # the order
    item_state: str
    order_state: str
    urgency: str
    is_inpatient: bool
    is_rerun: bool
