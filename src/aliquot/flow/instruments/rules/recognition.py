"""Whose message it is: the sender's name in any grammar, and the fields of results as sent."""

from aliquot.flow.instruments.rules.grammars import ContentError, reader_of
from aliquot.flow.instruments.rules.layout import Place
from aliquot.flow.instruments.rules.sheets import Sheet, first_text

_SENDER = (Place("H", 5, 1), Place("MSH", 3, 1))
_GRAMMARS = {False: reader_of("astm", "auto", {}), True: reader_of("hl7", "declared", {})}


def sheets_of(content: bytes) -> list[Sheet]:
    """Return the messages of standard content, ASTM or HL7 by its first letters; nothing for neither."""
    try:
        return _GRAMMARS[content.lstrip(b"\x0b\x00 \r\n")[:3] == b"MSH"](content)
    except ContentError:
        return []


def sender_of(content: bytes) -> str:
    """Return the name the sender gives itself (H-5 or MSH-3), or nothing when there is no usable header."""
    sheets = sheets_of(content)
    return first_text(_SENDER, sheets[0].scope, sheets[0].marks) if sheets else ""


def raw_results(content: bytes) -> list[dict[str, str]]:
    """Return the fields of every result as sent, for a message of an analyzer without a driver."""
    return [dict(one.raw) for sheet in sheets_of(content) for one in sheet.findings if one.raw is not None]
