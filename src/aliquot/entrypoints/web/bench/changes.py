"""What reading old messages again would change, as a person compares it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from aliquot.flow.instruments.actions import MessageChange
from aliquot.flow.instruments.models import Message, Reading
from aliquot.flow.instruments.rules.replay import Field, Line

SAID = frozenset({"value", "unit", "state"})
"""What the lines themselves say already."""


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One line that would change, or a message as a whole: what it was, what it would be."""

    message_id: int
    received_at: datetime
    tube: str
    code: str
    before: str
    after: str
    fields: tuple[Field, ...] = ()
    is_filed: bool = False


def change_rows(changed: Iterable[MessageChange]) -> list[ChangeRow]:
    """Every line that would change, message by message."""
    return [row for one in changed for row in _rows(one)]


def _rows(message: MessageChange) -> Iterator[ChangeRow]:
    for one in message.changes:
        line = one.after or one.before
        assert line is not None  # a change is of something
        yield ChangeRow(
            message_id=message.message_id,
            received_at=message.received_at,
            tube=line.specimen_code,
            code=line.code,
            before=_said(one.before),
            after=_said(one.after) if one.after else _("not found any more"),
            fields=tuple(field for field in one.fields if field.name not in SAID),
            is_filed=one.touches_filed,
        )
    if message.fate or message.failure:
        before = str(Message.State(message.state).label)
        after = message.failure or str(Message.State(message.fate).label)
        yield ChangeRow(message.message_id, message.received_at, "", "", before, after)


def _said(line: Line | None) -> str:
    if line is None:
        return "—"
    state = str(Reading.State(line.state).label)
    return f"{line.value} {line.unit}".strip() + f" ({state})"
