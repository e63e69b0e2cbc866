"""What a look-back looks for, and whether that is narrow enough to be looked for.

Source: ISO 15189:2022, 7.5 (nonconforming work: extent, recall of results), 7.3.7.2 (results since the last
good control); CLSI EP23-A (looking back after a failure).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

LONGEST: Final = timedelta(days=92)
"""Of an interval: longer ones are looked for in parts."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """What the results have in common; empty says nothing. `until` is exclusive, numbers as on labels."""

    analyzer_id: int | None = None
    test_id: int | None = None
    reagent_lot: str = ""
    calibrator_lot: str = ""
    failure_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    specimen: str = ""
    order: str = ""

    @property
    def is_of_one_order(self) -> bool:
        return bool(self.specimen or self.order)

    @property
    def has_windows(self) -> bool:
        """Whether lots or a failed control say when to look."""
        return bool(self.reagent_lot or self.calibrator_lot or self.failure_id)

    def until_now(self, at: datetime) -> "Criteria":
        """The same with an end, so that what is measured while it waits to begin is not concerned."""
        return self if self.until or self.is_of_one_order else replace(self, until=at)

    def as_json(self) -> dict[str, Any]:
        """The form in which a look-back keeps it: what is said, times in ISO 8601."""
        said = {name: value for name, value in asdict(self).items() if value not in (None, "")}
        return {name: _plain(value) for name, value in said.items()}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Criteria":
        """What `as_json` kept."""
        moments = {name: datetime.fromisoformat(kept[name]) for name in ("since", "until") if name in kept}
        return cls(**{**kept, **moments})


@dataclass(frozen=True, slots=True)
class Span:
    """One window of a look-back; None: any analyzer, any test."""

    analyzer_id: int | None
    test_id: int | None
    since: datetime
    until: datetime


def fault_of(criteria: Criteria) -> str:
    """Why this cannot be looked for: "" or one of nothing, interval, backwards, too_long."""
    one = criteria
    if one.since and one.until and one.until <= one.since:
        return "backwards"
    if one.is_of_one_order or one.has_windows:
        return ""
    if one.analyzer_id is None and one.test_id is None:
        return "nothing"
    if one.since is None:
        return "interval"
    return "too_long" if one.until is not None and one.until - one.since > LONGEST else ""


def spans_of(
    criteria: Criteria,
    windows: Iterable[tuple[int, int, datetime, datetime | None]] | None,
    *,
    at: datetime,
) -> list[Span]:
    """The windows to look in: those of lots or a failed control cut to what was asked, or the asked interval.

    `windows` are (analyzer, test, since, until or None for now); None when neither lot nor failure is named.
    """
    since, until = criteria.since, criteria.until or at
    if windows is None:
        return [Span(criteria.analyzer_id, criteria.test_id, since, until)] if since else []
    cut = (
        Span(analyzer, test, max(start, since) if since else start, min(end or at, until))
        for analyzer, test, start, end in windows
        if criteria.analyzer_id in (None, analyzer) and criteria.test_id in (None, test)
    )
    return [one for one in cut if one.since < one.until]


def covers(spans: Iterable[Span], *, analyzer_id: int | None, test_id: int, moment: datetime | None) -> bool:
    """Whether what was measured at this moment lies in one of the windows; when nobody knows when: no."""
    return moment is not None and any(
        one.analyzer_id in (None, analyzer_id)
        and one.test_id in (None, test_id)
        and one.since <= moment < one.until
        for one in spans
    )


def kept_spans(spans: Iterable[Span]) -> list[list[Any]]:
    """The windows as a look-back keeps them: [analyzer, test, since, until], times in ISO 8601."""
    return [[one.analyzer_id, one.test_id, one.since.isoformat(), one.until.isoformat()] for one in spans]


def read_spans(kept: Iterable[Sequence[Any]]) -> tuple[Span, ...]:
    """What `kept_spans` kept."""
    return tuple(
        Span(analyzer, test, datetime.fromisoformat(since), datetime.fromisoformat(until))
        for analyzer, test, since, until in kept
    )


def thinned(ids: Sequence[int], most: int) -> int:
    """One of how many values a picture draws so that about `most` are drawn; at least 1."""
    return max(1, -(-len(ids) // most))


def parted(rows: Sequence[tuple[int, int, str]], most: int) -> Iterator[list[tuple[int, int, str]]]:
    """The rows (result, order, state) in parts of about `most`; the results of one order are never parted.

    A computed result follows its inputs, which are of the same order: both are changed in one part.
    """
    part: list[tuple[int, int, str]] = []
    for row in sorted(rows, key=lambda one: (one[1], one[0])):
        if len(part) >= most and part[-1][1] != row[1]:
            yield part
            part = []
        part.append(row)
    if part:
        yield part


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
