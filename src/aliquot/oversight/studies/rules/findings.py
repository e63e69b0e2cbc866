"""What a study says: figures, stated criteria, a decision with reasons, and remarks."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from typing import Any


class Decision(StrEnum):
    """What follows from a study."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence with gaps and what stands in them: text, or again a sentence."""

    text: str
    values: tuple[tuple[str, "str | Reason"], ...] = ()

    @property
    def message(self) -> str:
        """The sentence in English."""
        return self.said(str)

    def said(self, translated: Callable[[str], str]) -> str:
        """The sentence and those in its gaps, each as `translated` puts it."""
        gaps = {name: one.said(translated) if isinstance(one, Reason) else one for name, one in self.values}
        return translated(self.text) % gaps


class Unusable(ValueError):  # noqa: N818 - the data are unusable; the program is not broken
    """Data or a plan that no study can be made of; the reason names the field and the remedy."""

    def __init__(self, text: str, **values: object) -> None:
        self.reason = reason(text, **values)
        super().__init__(self.reason.message)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One stated criterion: what was judged, its value with interval, the limit, and the decision."""

    what: Reason
    value: float
    limit: float
    decision: Decision
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Study:
    """A finished study: `figures` is the frozen dataclass of its kind."""

    kind: str
    figures: Any
    decision: Decision
    reasons: tuple[Reason, ...]
    criteria: tuple[Criterion, ...] = ()
    remarks: tuple[Reason, ...] = ()
    parts: tuple["Study", ...] = field(default=())


def reason(text: str, **values: object) -> Reason:
    """The sentence with its gaps filled; numbers are shown with six significant digits."""
    return Reason(
        text,
        tuple((name, one if isinstance(one, Reason) else shown(one)) for name, one in values.items()),
    )


def shown(value: object) -> str:
    """A value as a person reads it in a sentence."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def at_most(
    what: Reason, value: float, limit: float, *, low: float | None = None, high: float | None = None
) -> Criterion:
    """Accepted when value and interval are at most the limit, rejected when all of it is above it."""
    top, bottom = _ends(value, low, high)
    if top <= limit:
        decision = Decision.ACCEPTED
    else:
        decision = Decision.REJECTED if bottom > limit else Decision.UNDETERMINED
    return Criterion(what, value, limit, decision, low, high)


def at_least(what: Reason, value: float, limit: float) -> Criterion:
    """Accepted when the value reaches the limit, else rejected."""
    return Criterion(what, value, limit, Decision.ACCEPTED if value >= limit else Decision.REJECTED)


def within(
    what: Reason, value: float, limit: float, *, low: float | None = None, high: float | None = None
) -> Criterion:
    """Accepted when value and interval lie from -limit to limit, rejected when all of it lies outside."""
    top, bottom = _ends(value, low, high)
    if -limit <= bottom and top <= limit:
        decision = Decision.ACCEPTED
    else:
        decision = Decision.REJECTED if bottom > limit or top < -limit else Decision.UNDETERMINED
    return Criterion(what, value, limit, decision, low, high)


def _ends(value: float, low: float | None, high: float | None) -> tuple[float, float]:
    return value if high is None else high, value if low is None else low


NO_CRITERION = "No acceptance criterion was stated; state %(fields)s, and the study ends with a decision."
MET = "%(what)s: %(value)s meets the limit %(limit)s."
NOT_MET = "%(what)s: %(value)s does not meet the limit %(limit)s."
NOT_YET = "%(what)s: %(value)s does not meet the limit %(limit)s yet; measure more."
MET_WHOLLY = "%(what)s: %(value)s (%(low)s to %(high)s) meets the limit %(limit)s."
NOT_MET_AT_ALL = "%(what)s: %(value)s (%(low)s to %(high)s) does not meet the limit %(limit)s."
OPEN = "%(what)s: the interval of %(value)s, %(low)s to %(high)s, holds the limit %(limit)s; measure more."
BY_VALUE = {Decision.ACCEPTED: MET, Decision.REJECTED: NOT_MET, Decision.UNDETERMINED: NOT_YET}
BY_INTERVAL = {Decision.ACCEPTED: MET_WHOLLY, Decision.REJECTED: NOT_MET_AT_ALL, Decision.UNDETERMINED: OPEN}


def decided(
    kind: str,
    figures: Any,
    criteria: Sequence[Criterion],
    *,
    fields: str = "",
    remarks: Iterable[Reason] = (),
    parts: Sequence[Study] = (),
) -> Study:
    """The study with its decision: the worst of its criteria and parts; undetermined without any."""
    decisions = [one.decision for one in criteria] + [one.decision for one in parts]
    reasons = [_said(one) for one in criteria] + [why for part in parts for why in part.reasons]
    if not decisions:
        reasons = [reason(NO_CRITERION, fields=fields)]
    return Study(
        kind, figures, worst(decisions), tuple(reasons), tuple(criteria), tuple(remarks), tuple(parts)
    )


def worst(decisions: Iterable[Decision]) -> Decision:
    """Rejected before undetermined before accepted; undetermined when there is nothing to decide by."""
    found = set(decisions)
    if Decision.REJECTED in found:
        return Decision.REJECTED
    return Decision.ACCEPTED if found == {Decision.ACCEPTED} else Decision.UNDETERMINED


def _said(one: Criterion) -> Reason:
    if one.low is None or one.high is None:
        return reason(BY_VALUE[one.decision], what=one.what, value=one.value, limit=one.limit)
    ends = {"low": one.low, "high": one.high}
    return reason(BY_INTERVAL[one.decision], what=one.what, value=one.value, limit=one.limit, **ends)


def as_mapping(value: Any) -> Any:
    """Dataclasses, enums and sequences as plain mappings, lists and numbers; what is not finite is None."""
    if isinstance(value, Reason):
        return value.message
    if is_dataclass(value):
        named = getattr(value, "named", None)
        return as_mapping(named() if named else {one.name: getattr(value, one.name) for one in fields(value)})
    if isinstance(value, Mapping):
        return {str(key): as_mapping(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_mapping(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def told(study: Study) -> dict[str, Any]:
    """The whole study as plain values: the figures by their names beside decision, reasons and criteria."""
    found = {
        "study": study.kind,
        **as_mapping(study.figures),
        "decision": str(study.decision),
        "reasons": as_mapping(study.reasons),
        "criteria": as_mapping(study.criteria),
        "remarks": as_mapping(study.remarks),
    }
    return found | ({"parts": {one.kind: told(one) for one in study.parts}} if study.parts else {})
