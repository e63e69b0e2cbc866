"""The messages of standard content before any driver is known: in the grammar that its first letters show."""

from aliquot.flow.instruments.rules.grammars import ContentError, reader_of
from aliquot.flow.instruments.rules.sheets import Sheet

_GRAMMARS = {False: reader_of("astm", "auto", {}), True: reader_of("hl7", "declared", {})}


def sheets_of(content: bytes) -> list[Sheet]:
    """Return the messages of standard content, ASTM or HL7 by its first letters; nothing for neither."""
    try:
        return _GRAMMARS[content.lstrip(b"\x0b\x00 \r\n")[:3] == b"MSH"](content)
    except ContentError:
        return []
