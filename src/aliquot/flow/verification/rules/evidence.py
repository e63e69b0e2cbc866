"""Everything a decision about one result may look at that changes from result to result.

What the catalogue and the rule sets say is compiled once, in `rules.book`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from aliquot.foundation.quick import quickly_made

QcState = Literal["no_plan", "in_control", "out_of_control", "unknown"]


@dataclass(frozen=True, slots=True)
class Run:
    """An earlier value of the same test of the same order."""

    result_id: int
    value: Decimal | None
    comparator: str
    unit: str
    dilution: str
    state: str


@quickly_made
@dataclass(frozen=True, slots=True)
class Sibling:
    """The current value of one test of the order, and the patient's earlier released one of the same test."""

    value: Decimal | None
    value_text: str
    comparator: str
    unit: str
    flag: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    collected_at: datetime | None = None
    previous_value: Decimal | None = None
    previous_collected_at: datetime | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class Siblings:
    """All values of one order by test code, gathered once and shared by its results.

    `memo` keeps what was worked out for the order as a whole: it costs once, not once a result.
    """

    values: Mapping[str, Sibling] = field(default_factory=dict)
    memo: dict[int, tuple[Any, Any]] = field(default_factory=dict, compare=False, repr=False)


@quickly_made
@dataclass(frozen=True, slots=True)
class Evidence:
    """One result, its specimen, its analyzer, its order, its patient and the values around it.

    Numbers are Decimal in the unit stated, ages days at collection, moments UTC. `previous_value` is the
    latest released number of the same patient, test and unit that was *collected* before this one.
    `siblings` hold all values of the order, this one too; `indices` are "H" (free Hb, g/L), "I" and "L".
    None of `is_calibrated` and `is_reagent_valid` says that nobody keeps a record.
    """

    result_id: int
    order_item_id: int
    order_id: int
    test_id: int
    laboratory_id: int
    analyzer_id: int | None
    # what was measured
    value: Decimal | None
    value_text: str
    comparator: str
    unit: str
    analyzer_flags: Sequence[str]  # the driver's names, "message:..." and "unknown:..."
    measured_at: datetime | None
    is_manual: bool
    run: int
    dilution: str
    # the patient
    sex: str
    age_days: int | None
    ward: str
    diagnosis: str
    is_pregnant: bool | None
    urgency: str
    is_inpatient: bool
    previous_value: Decimal | None
    previous_collected_at: datetime | None
    # the specimen
    collected_at: datetime | None
    spun_at: datetime | None
    accepted_at: datetime | None
    conditions: Sequence[str]
    # the analyzer
    qc_state: QcState
    is_calibrated: bool | None
    is_reagent_valid: bool | None
    is_suspended: bool
    # the order
    item_state: str
    order_state: str
    is_rerun: bool
    earlier_runs: Sequence[Run] = ()
    siblings: Siblings = field(default_factory=Siblings)
    indices: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def is_computed(self) -> bool:
        """Neither measured nor typed: computed from released results, whose specimens were judged already."""
        return self.analyzer_id is None and not self.is_manual
