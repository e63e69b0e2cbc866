"""What another reading of an old message would change: compared line by line, nothing decided in silence.

A filed value is never overwritten: what differs stands beside it and waits for a person (ISO 15189:2022
8.4.3, the original and the amended data are kept).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["new", "gone", "changed", "fate"]
COMPARED = ("specimen_code", "code", "value", "number", "unit", "flags", "status", "measured_at")
PLACE = frozenset({"specimen_code", "code"})  # whose value it is
SETTLED = frozenset({"quarantined", "filed", "control", "kept", "duplicate"})
OUT_OF_REPORT = frozenset({"control", "kept"})


@dataclass(frozen=True, slots=True)
class Line:
    """One reading of a message: as the ledger has it (`id`), or as it would be read now (`id` 0).

    `state` is what became of it or would; `number` as text, "" for none or where it was not kept yet.
    """

    position: int
    state: str
    specimen_code: str
    code: str
    value: str
    number: str
    unit: str
    flags: tuple[str, ...]
    status: str
    measured_at: datetime | None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """One field that differs, as text."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One line that another reading would change: how, and what it was and would be.

    "new" was not there, "gone" is not found any more, "changed" has other fields, "fate" the same fields and
    something else becomes of it.
    """

    kind: Kind
    position: int
    before: Line | None
    after: Line | None
    fields: tuple[Field, ...] = ()

    @property
    def touches_filed(self) -> bool:
        """Whether a value that was filed is in question, so that a person decides."""
        return self.before is not None and self.before.state == "filed"

    @property
    def loses_filed(self) -> bool:
        """Whether a filed value is not found where it was filed: gone, no result, or of another tube or test.

        Nothing would stand beside it there, so that a person has to be told.
        """
        if not self.touches_filed:
            return False
        if self.after is None or self.after.state in OUT_OF_REPORT:
            return True
        return any(one.name in PLACE for one in self.fields)


def compare_lines(kept: Sequence[Line], found: Sequence[Line]) -> tuple[Change, ...]:
    """Return every change by position; nothing where both readings agree.

    `kept` holds the latest line of each position. What waits to be matched again is left to that.
    """
    before = {one.position: one for one in kept}
    after = {one.position: one for one in found}
    changes = [
        change
        for position in sorted(before.keys() | after.keys())
        if (change := _change(position, before.get(position), after.get(position)))
    ]
    return tuple(changes)


def _change(position: int, before: Line | None, after: Line | None) -> Change | None:
    if before is None:
        return Change("new", position, None, after)
    if after is None:
        return Change("gone", position, before, None) if before.state in SETTLED else None
    if before.state == "received":
        return None
    if fields := _fields(before, after):
        return Change("changed", position, before, after, fields)
    return Change("fate", position, before, after) if _is_fate_changed(before, after) else None


def _fields(before: Line, after: Line) -> tuple[Field, ...]:
    return tuple(
        Field(name, _text(was), _text(now))
        for name in COMPARED
        if (was := getattr(before, name)) != (now := getattr(after, name)) and (name != "number" or was)
    )


def _is_fate_changed(before: Line, after: Line) -> bool:
    """Whether the same words mean something else now.

    What is filed stays, whatever became of its order since; only that it should not be reported counts.
    """
    if before.state == "filed":
        return after.state in OUT_OF_REPORT
    if before.state == "quarantined":
        return after.state != "quarantined"
    return before.state in OUT_OF_REPORT and after.state != before.state


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ".join(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
