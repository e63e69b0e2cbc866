"""Delimiters, escape sequences and the writing of segments (HL7 v2.5.1 chapter 2, sections 2.5 to 2.7)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

HEADERS = ("MSH", "BHS", "FHS")  # their field 1 is the separator that follows the name
_MARKS = "^~\\&|!@$*`;?{}[]"  # what a delimiter may be: characters that values do without
_DECLARES = 5  # MSH-2 names four delimiters, and a fifth for truncation from 2.7 on


class Hl7Error(ValueError):
    """The bytes are no HL7 v2 message; the words say what is wrong."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The delimiters an MSH segment declares; an empty one is not used by its sender."""

    field: str = "|"
    component: str = "^"
    repeat: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = ""

    @property
    def declared(self) -> str:
        """MSH-2."""
        return self.component + self.repeat + self.escape + self.subcomponent + self.truncation


STANDARD = Delimiters()


class Sent(str):
    """A field taken over from another message as it was sent: not escaped again, its delimiters stay."""

    __slots__ = ()


Leaf: TypeAlias = str | int
Component: TypeAlias = Leaf | tuple[Leaf, ...]
Repeat: TypeAlias = Leaf | tuple[Component, ...]
Field: TypeAlias = Repeat | list[Repeat]
"""A value; a tuple for its components (a tuple in it for sub-components); a list for its repeats."""


def delimiters_of(header: str) -> Delimiters:
    """Return the delimiters an MSH, BHS or FHS segment declares (2.5.4), or raise Hl7Error.

    MSH-2 may be shorter or longer than the usual four; a doubled escape character counts once.
    """
    separator = header[3:4]
    if header[:3] not in HEADERS or not separator or separator.isalnum() or separator.isspace():
        raise Hl7Error(f"the message does not begin with MSH and a separator: {header[:40]!r}")
    declared = header[4:].split(separator, 1)[0]
    if declared[2:3] and declared[2:3] == declared[3:4]:
        declared = declared[:3] + declared[4:]
    if not _is_usable(separator, declared):
        raise Hl7Error(f"MSH-2 declares no usable delimiters: {header[:40]!r}")
    return Delimiters(separator, *declared, *[""] * (_DECLARES - len(declared)))


def _is_usable(separator: str, declared: str) -> bool:
    """Whether these can be delimiters: distinct, no character of values, no standard one out of place."""
    usual = STANDARD.declared
    if not 1 <= len(declared) <= _DECLARES or len({separator, *declared}) != len(declared) + 1:
        return False
    if not all(mark in _MARKS for mark in declared[:4]) or not (declared[4:] or "#").isascii():
        return False
    return len(declared) >= len(usual) or usual.startswith(declared) or not set(declared) & set(usual)


def unescape(text: str, delimiters: Delimiters = STANDARD, charset: str = "utf-8") -> str:
    r"""Return the text with its escape sequences replaced (2.7); unknown ones stay as they are.

    \F\ \S\ \R\ \E\ \T\ \P\ are delimiters, \Xhh..\ bytes of the charset, \.br\ a line's end; \H\ and \N\
    switch highlighting and carry no text.
    """
    mark = delimiters.escape
    if not mark or mark not in text:
        return text
    plain = {
        "F": delimiters.field,
        "S": delimiters.component,
        "R": delimiters.repeat,
        "E": mark,
        "T": delimiters.subcomponent,
        "P": delimiters.truncation or "#",
        ".br": "\n",
    }

    def replaced(found: re.Match[str]) -> str:
        name = found[1]
        return _from_hex(name[1:], charset) if name[0] == "X" else plain.get(name, "")

    return _sequences(mark).sub(replaced, text)


@lru_cache(maxsize=16)
def _sequences(mark: str) -> re.Pattern[str]:
    quoted = re.escape(mark)
    return re.compile(rf"{quoted}([FSRETPHN]|\.br|X(?:[0-9A-Fa-f]{{2}})+){quoted}")


def _from_hex(digits: str, charset: str) -> str:
    data = bytes.fromhex(digits)
    try:
        return data.decode(charset)
    except UnicodeDecodeError:
        return data.decode("latin-1")


def escape(text: str, delimiters: Delimiters = STANDARD) -> str:
    """Return the text fit to stand in a sub-component: delimiters and control characters escaped."""
    special = _special(delimiters)
    if not special.search(text):
        return text
    mark = delimiters.escape
    if not mark:
        return special.sub(" ", text)
    named = {
        mark: "E",
        delimiters.field: "F",
        delimiters.component: "S",
        delimiters.repeat: "R",
        delimiters.subcomponent: "T",
        "\n": ".br",
    }
    return special.sub(lambda found: f"{mark}{named.get(found[0]) or f'X{ord(found[0]):02X}'}{mark}", text)


@lru_cache(maxsize=16)
def _special(delimiters: Delimiters) -> re.Pattern[str]:
    """What may not stand in a value: delimiters, and what would break segment or block; HT may stay."""
    return re.compile(rf"[{re.escape(delimiters.field + delimiters.declared)}\x00-\x08\x0a-\x1f]")


def compose(
    segments: Sequence[Sequence[Field]], delimiters: Delimiters = STANDARD, charset: str = "utf-8"
) -> list[bytes]:
    """Return the segments as bytes without their CR.

    A segment is its name and then its fields, so that index and number agree; MSH-1 and MSH-2 are filled in.
    Empty fields at the end are left out. Raises UnicodeEncodeError for what the charset does not have.
    """
    return [_line(segment, delimiters).encode(charset) for segment in segments]


def _line(segment: Sequence[Field], delimiters: Delimiters) -> str:
    fields = [_field(one, delimiters) for one in segment]
    while len(fields) > 1 and not fields[-1]:
        fields.pop()
    if fields[0] in HEADERS:
        fields[1:3] = [delimiters.declared]
    return delimiters.field.join(fields)


def _field(value: Field, delimiters: Delimiters) -> str:
    if isinstance(value, list):
        return delimiters.repeat.join(_repeat(one, delimiters) for one in value)
    return _repeat(value, delimiters)


def _repeat(value: Repeat, delimiters: Delimiters) -> str:
    if isinstance(value, tuple):
        return delimiters.component.join(_component(one, delimiters) for one in value).rstrip(
            delimiters.component
        )
    return _component(value, delimiters)


def _component(value: Component, delimiters: Delimiters) -> str:
    if isinstance(value, tuple):
        return delimiters.subcomponent.join(_component(one, delimiters) for one in value)
    return value if isinstance(value, Sent) else escape(str(value), delimiters)
