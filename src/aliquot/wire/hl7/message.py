"""The segments of HL7 version 2, any version: bytes to a tree and back without loss, independent of the link.

Message, segment, field, repeat, component, sub-component (HL7 v2.5.1 chapter 2, sections 2.5 to 2.7). Numbers
are 1-based as in the standard, MSH-1 is the field separator itself. Nothing is split before it is asked for.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from aliquot.wire.hl7.charsets import decoded
from aliquot.wire.hl7.text import HEADERS, STANDARD, Delimiters, Hl7Error, delimiters_of, unescape

CR = "\r"
_RETURNS = re.compile(r"\r\n+|\n\r")
_KNOWN = (  # segments of laboratories: a lone line feed ends one in front of these, where others end with CR
    "(?:Z[A-Z0-9]{2}|MSA|ERR|SFT|PID|PD1|PV[12]|N[TK][E1]|OR[CG]|OB[RX]|TQ[12]|SPM|SAC|INV|TCD|QPD|QAK|RCP|DSC)"
)
_PADDING = " \t\x00\ufeff\n"
_BLANK = b"\x00\x0b \t\r\n"
_NEXT = re.compile(rb"(?<![\x00\x0b\x1c\s])[\x00\x0b\x1c\s]+(?=(?:MSH|BHS|FHS|BTS|FTS)[^\w\s])")
_BREAKS = re.compile(rb"[\r\n\x0b\x1c]")


class Segment:
    """One segment: its text as sent, split into fields when the first of them is asked for."""

    __slots__ = ("_fields", "separator", "text")

    def __init__(self, text: str, separator: str = "|") -> None:
        self.text, self.separator = text, separator
        self._fields: list[str] | None = None

    @property
    def name(self) -> str:
        return self.text[:3]

    @property
    def fields(self) -> list[str]:
        """The fields by their number; number 0 is the segment's name."""
        fields = self._fields
        if fields is None:
            fields = self._fields = self.text.split(self.separator)
            if fields[0] in HEADERS:
                fields.insert(1, self.separator)
        return fields

    def field(self, number: int) -> str:
        """Return field `number` as sent, escapes and repeats and all; empty when the segment is shorter."""
        fields = self._fields or self.fields
        return fields[number] if number < len(fields) else ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Segment) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Segment({self.text!r})"


@dataclass(slots=True)
class Hl7Message:
    """One message: its delimiters and its segments in the order they were sent, MSH first."""

    delimiters: Delimiters
    segments: list[Segment]
    charset: str = "utf-8"
    charset_fault: str = ""  # why the text was not read in the charset it declares; empty when it was

    @property
    def header(self) -> Segment:
        return self.segments[0]

    @property
    def control_id(self) -> str:
        """MSH-10."""
        return self.header.field(10)

    @property
    def version(self) -> str:
        """MSH-12, its first component."""
        return self.component(self.header.field(12), 1)

    @property
    def kind(self) -> str:
        """Code and trigger of MSH-9, e.g. OUL^R22, whatever the component delimiter; or the code alone."""
        parts = self.segments[0].field(9).split(self.delimiters.component, 2)
        return f"{parts[0]}^{parts[1]}" if len(parts) > 1 and parts[1] else parts[0]

    def first(self, name: str) -> Segment | None:
        """Return the first segment of that name, or None."""
        return next((segment for segment in self.segments if segment.text.startswith(name)), None)

    def every(self, name: str) -> list[Segment]:
        """Return all segments of that name, in order."""
        return [segment for segment in self.segments if segment.text.startswith(name)]

    def repeats(self, text: str) -> list[str]:
        """Return the repeats of a field, each as sent; an empty field has none."""
        if not text:
            return []
        return text.split(self.delimiters.repeat) if self.delimiters.repeat else [text]

    def component(self, text: str, number: int, repeat: int = 1) -> str:
        """Return a component of a field's repeat, unescaped; empty beyond the last."""
        marks = self.delimiters
        sent = self._part(self._part(text, marks.repeat, repeat), marks.component, number)
        return self.unescape(sent)

    def subcomponent(self, text: str, number: int, sub: int, repeat: int = 1) -> str:
        """Return sub-component `sub` of component `number`, unescaped; empty beyond the last."""
        marks = self.delimiters
        sent = self._part(self._part(text, marks.repeat, repeat), marks.component, number)
        return self.unescape(self._part(sent, marks.subcomponent, sub))

    def unescape(self, text: str) -> str:
        """Return the text with its escape sequences replaced."""
        if self.delimiters.escape not in text:
            return text
        return unescape(text, self.delimiters, self.charset)

    def __str__(self) -> str:
        return "".join(segment.text + CR for segment in self.segments)

    def __bytes__(self) -> bytes:
        return str(self).encode(self.charset)

    @staticmethod
    def _part(text: str, mark: str, number: int) -> str:
        if not mark or mark not in text:
            return text if number == 1 else ""
        parts = text.split(mark)
        return parts[number - 1] if 0 < number <= len(parts) else ""


def parse(content: bytes, charset: str | None = None) -> Hl7Message:
    """Return the message of these bytes, read in `charset` or, when None, in that of MSH-18.

    Segments may end with CR, LF or both; a line that is no segment belongs to the one before it. Without
    MSH-18, or when the bytes contradict it, they are read as UTF-8 or else Latin-1 (see `charset_fault`).
    Raises Hl7Error when there is no MSH with usable delimiters or `charset` does not fit.
    """
    if content[:3] != b"MSH":
        content = content.lstrip(_BLANK).removeprefix(b"\xef\xbb\xbf").lstrip(_BLANK)
    if content[:3] != b"MSH":
        raise Hl7Error(f"the message does not begin with MSH and a separator: {content[:40]!r}")
    text, used, fault = decoded(content, charset)
    delimiters = STANDARD if text.startswith("MSH|^~\\&|") else delimiters_of(text)
    segments = [Segment(line, delimiters.field) for line in _lines(text, delimiters.field)]
    return Hl7Message(delimiters, segments, used, fault)


def split_messages(content: bytes) -> list[bytes]:
    """Return the messages of a file that holds several, one after the other, without the segments of a batch.

    What stands before the first MSH is a piece of its own unless it is blank, so that nothing is lost.
    """
    ends = [found.end() for found in _NEXT.finditer(content) if _BREAKS.search(found[0])]
    cuts = [0, *ends, len(content)]
    pieces = [content[start:end] for start, end in pairwise(cuts)]
    batch = (b"BHS", b"FHS", b"BTS", b"FTS")
    return [piece for piece in pieces if piece.strip(b"\x00\x0b\x1c \t\r\n") and piece[:3] not in batch]


def _lines(text: str, separator: str) -> list[str]:
    """Return the segments' texts."""
    if "\n" in text:
        text = _with_returns(text, separator)
    lines: list[str] = []
    broken: list[str] = []  # lines that belong to the last segment
    for line in text.split(CR):
        begun = line
        if not (line[3:4] == separator and line[:3].isalnum()):
            begun = _bare_segment(line, separator)
            if not begun:
                if line.strip(_PADDING):
                    broken.append(line.strip("\n"))
                continue
        if broken:
            _mend(lines, broken)
        lines.append(begun)
    _mend(lines, broken)
    return lines


def _bare_segment(line: str, separator: str) -> str:
    """Return a segment with blanks around it or of a name alone, or nothing when it is none."""
    bare = line.strip(_PADDING)
    name = bare[:3]
    is_segment = len(name) == 3 and name.isalnum() and name.isupper()  # noqa: PLR2004 - a name
    return bare if is_segment and bare[3:4] in (separator, "") else ""


def _mend(lines: list[str], broken: list[str]) -> None:
    if broken:
        lines[-1] = "\n".join((lines[-1], *broken))
        broken.clear()


def _with_returns(text: str, separator: str) -> str:
    """Return the text with CR at its segments' ends; a line feed within a segment stays."""
    text = _RETURNS.sub(CR, text).rstrip("\n")
    name = _KNOWN if CR in text.rstrip() else "[A-Z][A-Z0-9]{2}"
    run = r"(?<![\n\x00 ])[\n\x00 ]*\n"
    return re.sub(rf"{run}(?={name}(?:{re.escape(separator)}|[\r\n]|\Z))", CR, text)
