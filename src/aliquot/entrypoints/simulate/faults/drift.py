"""A test that is measured wrong: a proportional bias, sudden or growing, of patients, perhaps of controls."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation

from aliquot.entrypoints.simulate.faults.catalogue import FaultError
from aliquot.flow.instruments.rules.reading import Measurement, Run

PARTS = (2, 5)
CONTROLS = "controls"
FORM = "give CODE:PERCENT[:AFTER[:OVER[:controls]]], such as HGB:+6:100:50"


@dataclass(frozen=True, slots=True)
class Drift:
    """A bias of so many percent of a test code: after so many patients' results, grown over so many more.

    Controls keep their values unless `has_controls`: so it is when a bias depends on the patients' matrix.
    """

    code: str
    percent: Decimal
    after: int = 0
    over: int = 0
    has_controls: bool = False

    def at(self, place: int) -> Decimal:
        """The factor on the patient's result of this place, counted from 0."""
        since = place - self.after
        if since < 0:
            return Decimal(1)
        grown = Decimal(1) if since >= self.over else Decimal(since + 1) / Decimal(self.over)
        return 1 + self.percent / 100 * grown


def drift_of(text: str) -> Drift:
    """What `--drift` says; FaultError for what cannot be read."""
    parts = text.split(":")
    if not PARTS[0] <= len(parts) <= PARTS[1] or not parts[0] or parts[4:] not in ([], [CONTROLS]):
        raise FaultError(f"{text!r} is no drift: {FORM}")
    try:
        percent = Decimal(parts[1].removesuffix("%"))
        after, over = (int(one or 0) for one in (*parts[2:4], "", "")[:2])
    except (InvalidOperation, ValueError):
        raise FaultError(f"{text!r} is no drift: {FORM}") from None
    if not percent.is_finite() or percent <= -100 or min(after, over) < 0:  # noqa: PLR2004 - nothing is left
        raise FaultError(f"{text!r} is no drift: {FORM}")
    return Drift(parts[0], percent, after, over, has_controls=bool(parts[4:]))


@dataclass(slots=True)
class Drifts:
    """The drifts of one device; counts the patients' results of each code, and those that were changed."""

    drifts: Sequence[Drift] = ()
    seen: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)

    def run(self, run: Run) -> Run:
        """The run as the device measures it now."""
        measured = tuple(self.measured(one, is_control=run.control) for one in run.measurements)
        return replace(run, measurements=measured)

    def measured(self, one: Measurement, *, is_control: bool = False) -> Measurement:
        """The measurement as the device measures it now; what is no number stays as it is."""
        drift = next((each for each in self.drifts if each.code == one.code), None)
        if drift is None:
            return one
        place = self.seen[one.code]
        self.seen[one.code] += 0 if is_control else 1
        factor = drift.at(place) if drift.has_controls or not is_control else Decimal(1)
        changed = _scaled(one, factor)
        self.changed[one.code] += changed != one
        return changed


def _scaled(one: Measurement, factor: Decimal) -> Measurement:
    """The value with as many decimals as before."""
    try:
        value = Decimal(one.value)
    except InvalidOperation:
        return one
    if not value.is_finite():
        return one
    decimals = len(one.value.partition(".")[2])
    return replace(one, value=f"{round(value * factor, decimals):f}")
