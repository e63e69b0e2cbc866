"""Whether a reading may be filed, and every reason why not.

Nothing is guessed: what is not known, not ordered or not understood waits for a person. LIS02-A2 leaves the
meaning of codes and units to the two ends. Reasons are rendered by `quarantine.py`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from aliquot.flow.instruments.rules.reading import Reading
from aliquot.foundation.quick import quickly_made

VALUE_LIMIT = 200  # characters of a value that can be a result
NUMBER_LIMIT = Decimal(10) ** 12  # of the column that keeps it
PLAIN_DIGITS = 40  # of a number that is written without an exponent
FINAL = frozenset({"final", "correction", "rerun"})
MESSAGE_MARK = "message:"
STATUS_MARK = "status:"
UNKNOWN_MARK = "unknown:"
REPLAYED = "replayed"
"""What makes a result of an old message wait for a person, whatever else is said of it."""

Reason = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mapping:
    """What one code of an analyzer means: the test, the unit sent, the factor to the catalogue's unit."""

    analyzer_id: int
    code: str
    unit: str
    factor: Decimal
    test_id: int
    test_unit: str
    decimals: int | None
    is_quantity: bool


@quickly_made
@dataclass(frozen=True, slots=True)
class Asked:
    """A test that a tube serves, with the facts of its order; without a test: the tube alone."""

    number: str
    specimen_id: int
    specimen_state: str
    laboratory_id: int
    ordering_site_id: int
    collected_at: datetime | None
    test_id: int | None
    test_state: str | None
    order_item_id: int | None
    item_state: str | None
    order_id: int
    patient_id: int
    urgency: str
    order_state: str


@quickly_made
@dataclass(frozen=True, slots=True)
class Match:
    """All that is known about a reading: its code's mapping, its tube, and the test on that tube."""

    mapping: Mapping | None = None
    tube: Asked | None = None
    asked: Asked | None = None
    is_own_number: bool = True


@quickly_made
@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a reading, with all reasons; `number` and `text` are in the catalogue's unit."""

    state: str
    reasons: tuple[Reason, ...] = ()
    text: str = ""
    number: Decimal | None = None


KEPT = Verdict("kept")
CONTROL = Verdict("control")


def judge_reading(reading: Reading, match: Match, *, laboratory_id: int) -> Verdict:
    """Filed with its converted value, kept, control, or quarantined with every reason.

    The number is multiplied by the mapping's factor and rounded half up to the test's decimals; a limit such
    as <0.04 is not rounded to <0.0.
    """
    if reading.kind == "control":
        return CONTROL
    if reading.kind in {"other", "message"} or is_kept_by_driver(reading):
        return KEPT
    if reading.index:
        return _judge_index(reading, match, laboratory_id)
    reasons = [
        *_of_tube(reading, match, laboratory_id),
        *_of_code(reading, match),
        *_of_value(reading, match),
    ]
    if reasons:
        return Verdict("quarantined", tuple(reasons))
    number = converted(reading.number, match.mapping, reading.comparator)
    text = f"{reading.comparator}{number:f}" if number is not None else reading.value.strip()
    return Verdict("filed", (), text, number)


def _judge_index(reading: Reading, match: Match, laboratory_id: int) -> Verdict:
    """An index belongs to a tube, not to a test: filed with its level, or quarantined with every reason.

    One that was not measured is only kept: whether a result waits for it says the rule of its test.
    """
    if reading.status == "not_performed":
        return KEPT
    reasons = _of_tube(reading, match, laboratory_id)
    if not reading.value.strip():
        reasons.append({"code": "no_value"})
    elif len(reading.value) > VALUE_LIMIT:
        reasons.append({"code": "value_too_long"})
    elif reading.level is None or reading.level >= NUMBER_LIMIT:
        reasons.append({"code": "index_not_understood", "index": reading.index, "value": reading.value})
    if reasons:
        return Verdict("quarantined", tuple(reasons))
    return Verdict("filed", (), reading.value.strip(), reading.level)


def is_kept_by_driver(reading: Reading) -> bool:
    """Whether the driver names this aspect as one that is not reported, and understood it."""
    return not reading.reported and not any(one.startswith("aspect") for one in reading.unknown)


def converted(number: Decimal | None, mapping: Mapping | None, comparator: str = "") -> Decimal | None:
    """The number in the catalogue's unit, rounded half up to the test's decimals; None if no quantity.

    A limit (with a `comparator`) that has more decimals keeps them: rounded it would say something else.
    """
    if number is None or mapping is None or not mapping.is_quantity:
        return None
    value = number * mapping.factor
    if mapping.decimals is None:
        return value
    rounded = value.quantize(Decimal(1).scaleb(-mapping.decimals), ROUND_HALF_UP)
    return value.normalize() if comparator and rounded != value else rounded


def number_text(number: Decimal | None) -> str:
    """Return the number as the ledger keeps and compares it: one text for one number; "" for none."""
    if number is None:
        return ""
    plain = number.normalize()
    return format(plain, "f") if abs(plain.adjusted()) < PLAIN_DIGITS else str(plain)


def flags_of(reading: Reading, messages: Collection[str] = (), sender: str = "") -> list[str]:
    """Whatever may hold the result: the driver's flags, then what has a mark in front.

    `message:<code>` of raised instrument messages, `status:<name>` of a status that is not final,
    `unknown:<what>` of flags, alarms, statuses and senders that the driver does not know.
    """
    if not messages and not sender and not reading.unknown and reading.status in FINAL:
        return list(reading.flags)
    strange = [
        one for one in reading.unknown if not one.startswith(("specimen", "test code", "unit", "aspect"))
    ]
    return [
        *reading.flags,
        *(MESSAGE_MARK + code for code in messages),
        *([STATUS_MARK + reading.status] if reading.status not in {*FINAL, "unknown"} else []),
        *(UNKNOWN_MARK + one for one in strange),
        *([f"{UNKNOWN_MARK}sender {sender!r}"] if sender else []),
    ]


def _of_tube(reading: Reading, match: Match, laboratory_id: int) -> list[Reason]:
    tube = match.tube
    if not reading.specimen_code and tube is None:
        return [{"code": "no_specimen"}]
    if tube is None:
        code = "unknown_specimen" if match.is_own_number else "other_region"
        return [{"code": code, "specimen": reading.specimen_code}]
    if tube.laboratory_id != laboratory_id:
        return [{"code": "other_laboratory", "specimen": tube.number}]
    if tube.order_state == "cancelled" or tube.specimen_state == "cancelled":
        return [{"code": "order_cancelled", "specimen": tube.number}]
    if tube.specimen_state != "accepted":
        return [{"code": "specimen_not_accepted", "specimen": tube.number, "state": tube.specimen_state}]
    return _of_test(reading, match)


def _of_test(reading: Reading, match: Match) -> list[Reason]:
    if match.mapping is None:
        return []
    asked = match.asked
    if asked is None:
        return [{"code": "not_ordered", "test": reading.code}]
    if asked.item_state == "cancelled" or asked.test_state == "cancelled":
        return [{"code": "test_cancelled", "test": reading.code}]
    if asked.test_state in {"rejected", "pending"} or asked.item_state == "not_performed":
        return [{"code": "test_not_accepted", "test": reading.code}]
    return []


def _of_code(reading: Reading, match: Match) -> list[Reason]:
    reasons: list[Reason] = []
    if not reading.code:
        reasons.append({"code": "no_code"})
    elif match.mapping is None:
        reasons.append({"code": "unmapped_code", "test": reading.code})
    reasons += [
        {"code": "unknown_aspect", "what": one} for one in reading.unknown if one.startswith("aspect")
    ]
    return reasons


def _of_value(reading: Reading, match: Match) -> list[Reason]:
    mapping = match.mapping
    if reading.status == "not_performed":
        return [{"code": "not_performed", "value": reading.value[:VALUE_LIMIT]}]
    if not reading.value.strip():
        return [{"code": "no_value"}]
    if len(reading.value) > VALUE_LIMIT:
        return [{"code": "value_too_long"}]
    if mapping is None or not mapping.is_quantity:
        return []
    if reading.number is None:
        return [{"code": "value_not_a_number", "value": reading.value}]
    reasons: list[Reason] = []
    if abs(reading.number * mapping.factor) >= NUMBER_LIMIT:
        reasons.append({"code": "value_too_large", "value": reading.value})
    if not _is_unit_expected(reading, mapping):
        sent = reading.unit_raw or reading.unit
        reasons.append({"code": "unit_differs", "sent": sent, "expected": mapping.unit or mapping.test_unit})
    return reasons


def _is_unit_expected(reading: Reading, mapping: Mapping) -> bool:
    if reading.unit_raw and not reading.unit:
        return False
    if reading.unit == mapping.unit:
        return True
    # a factor is that of the unit it was given with: sent in the test's own unit, nothing is to be multiplied
    return not mapping.unit and reading.unit == mapping.test_unit and mapping.factor == 1
