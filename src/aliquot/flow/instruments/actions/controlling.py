"""What analyzers say of control material, in the catalogue's unit and unrounded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from aliquot.flow.instruments.actions.matching import Candidate


@dataclass(frozen=True, slots=True)
class ControlReading:
    """A reading of control material; `code` is what the analyzer calls the control.

    `number` is in `unit`, the test's own, as exact as it was sent; None for words, for a limit (`<0.04`) and
    for a code without a test.
    """

    reading_id: int
    laboratory_id: int
    analyzer_id: int
    code: str
    test_id: int | None
    number: Decimal | None
    unit: str
    measured_at: datetime | None


def controls_among(candidates: Iterable[Candidate]) -> list[ControlReading]:
    """The readings of control material that were kept."""
    return [
        _control(one) for one in candidates if one.state == "control" and one.id and not one.reading.index
    ]


def _control(one: Candidate) -> ControlReading:
    mapping, reading = one.match.mapping, one.reading
    is_exact = mapping is not None and mapping.is_quantity and not reading.comparator
    return ControlReading(
        reading_id=one.id,
        laboratory_id=one.message.laboratory_id,
        analyzer_id=one.message.analyzer_id,
        code=reading.specimen_code,
        test_id=mapping.test_id if mapping else None,
        number=reading.number * mapping.factor
        if is_exact and mapping and reading.number is not None
        else None,
        unit=mapping.test_unit if mapping else "",
        measured_at=reading.measured_at,
    )
