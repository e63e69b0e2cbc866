"""The records of CLSI LIS02-A2 (ASTM E1394): bytes to a tree and back, independent of the link.

A message is a tree under its H record: P, Q, S and L stand on level 1, O on 2, R on 3; C, M and records of
other letters float and belong to the record in front of them (LIS02-A2 section 5.2). Numbers of fields
and components are 1-based as in the standard; field 1 is the record type.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

CR = "\r"
_LEVELS = {"H": 0, "P": 1, "Q": 1, "S": 1, "L": 1, "O": 2, "R": 3}
_MESSAGE_LEVEL = 0
_DELIMITERS = 4
_LINE_END = re.compile(r"\r\n?|\n")
_UNSAFE = re.compile(r"[\x00-\x08\x0a-\x1f]")  # would break the record or the frame; HT may stay

Leaf: TypeAlias = str | int
Field: TypeAlias = Leaf | tuple[Leaf, ...] | list[Leaf | tuple[Leaf, ...]]
"""A value; a tuple for its components; a list for its repeats."""


class RecordError(ValueError):
    """The bytes are no LIS02-A2 message; the words say what is wrong."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four delimiters an H record declares; an empty escape means that nothing is escaped."""

    field: str = "|"
    repeat: str = "\\"
    component: str = "^"
    escape: str = "&"

    @property
    def declared(self) -> str:
        """The second field of the H record."""
        return self.repeat + self.component + self.escape


STANDARD = Delimiters()


@dataclass(frozen=True, slots=True)
class Record:
    """One record and those that hang below it, in the order of the message."""

    fields: list[str]
    children: list["Record"] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.fields[0][:1].upper()

    def field(self, number: int) -> str:
        """Return field `number` as sent, escapes and all; empty when the record is shorter."""
        return self.fields[number - 1] if number <= len(self.fields) else ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its delimiters and its H record, under which everything else hangs."""

    delimiters: Delimiters
    header: Record

    def walk(self) -> Iterator[Record]:
        """Yield every record in the order it was sent."""
        waiting = [self.header]
        while waiting:
            record = waiting.pop()
            yield record
            waiting.extend(reversed(record.children))

    def component(self, text: str, number: int) -> str:
        """Return component `number` of a field, unescaped; empty when there are fewer."""
        parts = text.split(self.delimiters.component)
        return unescape(parts[number - 1], self.delimiters) if number <= len(parts) else ""


def delimiters_of(header: str) -> Delimiters:
    """Return the delimiters an H record declares (LIS02-A2 6.2), or raise RecordError.

    Left-out escape (IMMULITE) and a doubled repeat delimiter (mini VIDAS) are understood.
    """
    if len(header) < _DELIMITERS or header[0] not in "Hh" or header[1].isalnum():
        raise RecordError(f"no header record: {header[:40]!r}")
    declared = header[2:].split(header[1], 1)[0]
    if len(declared) == _DELIMITERS and declared[0] == declared[1]:
        declared = declared[1:]
    if not 2 <= len(declared) <= 3 or len({header[1], *declared}) != len(declared) + 1:  # noqa: PLR2004 - repeat, component, escape
        raise RecordError(f"the header declares no usable delimiters: {header[:40]!r}")
    return Delimiters(header[1], declared[0], declared[1], declared[2:])


def parse(content: bytes, charset: str = "latin-1") -> list[Message]:
    """Return the messages of joined frame texts: one, or more where a model puts several in one transfer.

    Records may end with CR, LF or both. Decoding happens here, after joining, so a frame border inside a
    character does no harm.
    Raises RecordError when the bytes do not begin with a usable H record or are not of the charset.
    """
    try:
        lines = _LINE_END.split(content.decode(charset))
    except UnicodeDecodeError as fault:
        raise RecordError(f"the text is not {charset}: {fault.reason} at byte {fault.start}") from None
    messages: list[Message] = []
    path: list[Record] = []  # the last record of each level
    levels: list[int] = []
    separator = ""
    for line in lines:
        if not line or line.isspace():
            continue
        level = _LEVELS.get(line[0].upper())
        if level == _MESSAGE_LEVEL or not messages:
            delimiters = delimiters_of(line)
            separator = delimiters.field
            record = Record(line.split(separator), [])
            messages.append(Message(delimiters, record))
            path, levels = [record], [0]
            continue
        record = Record(line.split(separator), [])
        if level is not None:
            while levels[-1] >= level:
                levels.pop()
                path.pop()
        path[-1].children.append(record)
        if level is not None:
            levels.append(level)
            path.append(record)
    if not messages:
        raise RecordError("the message is empty")
    return messages


def unescape(text: str, delimiters: Delimiters = STANDARD) -> str:
    """Return the text with its escape sequences replaced (LIS02-A2 5.4.5); unknown ones stay as they are."""
    mark = delimiters.escape
    if not mark or mark not in text:
        return text
    plain = {"F": delimiters.field, "S": delimiters.component, "R": delimiters.repeat, "E": mark}

    def replaced(found: re.Match[str]) -> str:
        name = found[1]
        if name[0] == "X":
            return bytes.fromhex(name[1:]).decode("latin-1")
        return plain.get(name, "")  # H and N switch highlighting and carry no text

    quoted = re.escape(mark)
    return re.sub(f"{quoted}([FSREHN]|X(?:[0-9A-Fa-f]{{2}})+){quoted}", replaced, text)


def escape(text: str, delimiters: Delimiters = STANDARD) -> str:
    """Return the text fit to stand in a component: delimiters and control characters escaped."""
    mark = delimiters.escape
    table = {mark: "E", delimiters.field: "F", delimiters.component: "S", delimiters.repeat: "R"}
    if not mark:
        return "".join(" " if char in table or _UNSAFE.match(char) else char for char in text)
    safe = "".join(f"{mark}{table[char]}{mark}" if char in table else char for char in text)
    return _UNSAFE.sub(lambda found: f"{mark}X{ord(found[0]):02X}{mark}", safe)


def compose(
    records: Sequence[Sequence[Field]], delimiters: Delimiters = STANDARD, charset: str = "latin-1"
) -> list[bytes]:
    """Return the records as bytes without their CR; a header's second field is filled in from the delimiters.

    Raises UnicodeEncodeError when a value cannot be written in the charset.
    """
    return [_line(record, delimiters).encode(charset) for record in records]


def _line(record: Sequence[Field], delimiters: Delimiters) -> str:
    fields = [_field(one, delimiters) for one in record]
    if fields[0] in ("H", "h"):
        fields[1] = delimiters.declared
    return delimiters.field.join(fields)


def _field(value: Field, delimiters: Delimiters) -> str:
    repeats = value if isinstance(value, list) else [value]
    return delimiters.repeat.join(_repeat(one, delimiters) for one in repeats)


def _repeat(value: Leaf | tuple[Leaf, ...], delimiters: Delimiters) -> str:
    components = value if isinstance(value, tuple) else (value,)
    return delimiters.component.join(escape(str(one), delimiters) for one in components)
