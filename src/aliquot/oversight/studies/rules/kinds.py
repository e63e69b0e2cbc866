"""The kinds of study that stand on data of their own: how plan and data are read, and what judges them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aliquot.oversight.studies.rules.agreement import agreement, read_agreement
from aliquot.oversight.studies.rules.carry_over import carry_over, read_carry_over
from aliquot.oversight.studies.rules.comparison import compare, read_comparison
from aliquot.oversight.studies.rules.detection import detection, read_detection
from aliquot.oversight.studies.rules.findings import Study
from aliquot.oversight.studies.rules.given import Given
from aliquot.oversight.studies.rules.interference import interference, read_interference
from aliquot.oversight.studies.rules.interval import read_interval, reference_interval
from aliquot.oversight.studies.rules.linearity import linearity, read_linearity
from aliquot.oversight.studies.rules.lot import lot_to_lot, read_lot
from aliquot.oversight.studies.rules.precision import precision, read_precision
from aliquot.oversight.studies.rules.uncertainty import read_uncertainty, uncertainty


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: from named inputs to plan and data, and from these to the study."""

    read: Callable[[Given], tuple[Any, Any]]
    judge: Callable[[Any, Any], Study]


SINGLE: Mapping[str, Kind] = {
    "precision": Kind(read_precision, precision),
    "comparison": Kind(read_comparison, compare),
    "bland-altman": Kind(read_agreement, agreement),
    "linearity": Kind(read_linearity, linearity),
    "detection": Kind(read_detection, detection),
    "interval": Kind(read_interval, reference_interval),
    "lot": Kind(read_lot, lot_to_lot),
    "carry-over": Kind(read_carry_over, carry_over),
    "uncertainty": Kind(read_uncertainty, uncertainty),
    "interference": Kind(read_interference, interference),
}
