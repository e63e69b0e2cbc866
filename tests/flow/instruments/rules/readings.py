"""An unremarkable reading with its mapping and its tube, for tests of the rules to change."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from aliquot.flow.instruments.rules.matching import Asked, Mapping, Match
from aliquot.flow.instruments.rules.reading import Reading

AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
READING = Reading(
    position=1,
    specimen_code="4500000017",
    code="HGB",
    aspect="",
    dilution="",
    value="14.26",
    number=Decimal("14.26"),
    comparator="",
    unit="g/dL",
    unit_raw="g/dL",
    range_raw="",
    flags=(),
    status="final",
    measured_at=AT,
    kind="patient",
    reported=True,
    instrument="",
    operator="",
    comments=(),
    unknown=(),
    raw={},
)
MAPPING = Mapping(1, "HGB", "g/dL", Decimal(10), 1, "g/L", 0, is_quantity=True)
ASKED = Asked("4500000017", 1, "accepted", 1, 1, None, 1, "accepted", 1, "open", 1, 1, "R", "placed")
MATCH = Match(MAPPING, ASKED, ASKED)


def reading(**changes: Any) -> Reading:
    return replace(READING, **changes)


def asked(**changes: Any) -> Asked:
    return replace(ASKED, **changes)
