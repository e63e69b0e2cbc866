"""Which of several runs of one test is reported, and why.

Source: CLSI AUTO10-A, repeat measurement; Toll et al., Arch Pathol Lab Med 2011;135:444: a repeat within the
allowable difference confirms the first value, which is reported. CLSI EP34: beyond the measuring range the
diluted run is the measurement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aliquot.flow.verification.rules.reasons import because

OF_ASKING = frozenset({"dilute", "rerun_asked", "rerun_wanted"})
"""Reasons that only say that another run was wanted."""
OF_THE_RANGE = frozenset(
    {"above_range", "critical", "dilute", "off_scale", "outside_autoverification", "rerun_asked"}
)
"""Reasons of a value beyond the measuring range, of which a diluted run says how high it is."""
Kept = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """A run that the rules sent back: what it said, and the reasons that are kept with it."""

    result_id: int
    value_text: str
    state: str
    reasons: Sequence[Kept]


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of an earlier run: "released", "held" as before or "kept" unreported; with its reasons."""

    result_id: int
    state: Literal["released", "held", "kept"]
    reasons: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of the newest run ("released", "held", "kept"), its reasons, and of the earlier ones."""

    state: Literal["released", "held", "kept"]
    reasons: tuple[Kept, ...]
    earlier: tuple[Settled, ...] = ()


def settle(
    value_text: str, reasons: Sequence[Kept], confirms: int | None, runs: Sequence[EarlierRun]
) -> Settlement:
    """Which run is reported: the first that this one confirms, or this one when nothing speaks against it.

    `reasons` are those against releasing this run. What does not agree, or brings a reason of its own, waits
    for a person beside the earlier ones. Of a value beyond the range only the diluted run is left.
    """
    waiting = [one for one in runs if one.state == "held"]
    first = next((one for one in waiting if one.result_id == confirms), None)
    if first is not None and _codes(reasons) <= _codes(first.reasons):
        return _confirmed(value_text, reasons, first, waiting)
    if not reasons:
        said = because("run_reported", earlier=", ".join(one.value_text for one in runs)).as_json()
        return Settlement("released", (said,), tuple(_replaced(one, value_text) for one in waiting))
    beyond = [one for one in waiting if _is_beyond_range(one, _codes(reasons))]
    return Settlement("held", tuple(reasons), tuple(_replaced(one, value_text) for one in beyond))


def _confirmed(
    value_text: str, reasons: Sequence[Kept], first: EarlierRun, waiting: Sequence[EarlierRun]
) -> Settlement:
    left = [one for one in first.reasons if one.get("code") not in OF_ASKING]
    agreed = because("run_confirmed", later=value_text).as_json()
    kept = Settled(first.result_id, "held" if left else "released", (*left, agreed))
    others = tuple(_replaced(one, first.value_text) for one in waiting if one is not first)
    why = because("run_confirms", earlier=first.value_text).as_json()
    return Settlement("kept", (*reasons, why), (kept, *others))


def _replaced(run: EarlierRun, by_value: str) -> Settled:
    why = because("run_replaced", later=by_value).as_json()
    return Settled(run.result_id, "kept", (*run.reasons, why))


def _is_beyond_range(run: EarlierRun, later: set[str]) -> bool:
    """Whether nothing speaks against the run but the range, or what speaks against the later one too."""
    codes = _codes(run.reasons)
    return "dilute" in codes and codes <= OF_THE_RANGE | later


def _codes(reasons: Sequence[Kept]) -> set[str]:
    return {str(one.get("code")) for one in reasons}
