"""The grammars a driver may name: bytes of one content to sheets, independent of the link they came over."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from aliquot.flow.instruments.rules.astm_sheets import astm_sheet
from aliquot.flow.instruments.rules.hl7_sheets import hl7_sheet
from aliquot.flow.instruments.rules.sheets import Sheet
from aliquot.wire import astm_records, hl7
from aliquot.wire.astm_records import Message, RecordError
from aliquot.wire.native.grammars import GRAMMARS

ContentError = (RecordError, hl7.Hl7Error)
Read: TypeAlias = Callable[[bytes], list[Sheet]]
_WESTERN = ("auto", "latin-1", "cp1252")


def reader_of(kind: str, charset: str, options: Mapping[str, Any]) -> Read:
    """Return the reader of a grammar; it raises one of ContentError for what is no such message."""
    if kind == "hl7":
        return lambda content: hl7_sheets(content, charset)
    if kind == "astm":
        return lambda content: [astm_sheet(one) for one in _in_charset(astm_records.parse, content, charset)]
    native = partial(GRAMMARS[kind], **options)
    return lambda content: [astm_sheet(one) for one in _in_charset(native, content, charset)]


def hl7_sheets(content: bytes, charset: str = "declared") -> list[Sheet]:
    """Return the messages of the content; "declared" reads them in the charset of MSH-18."""
    named = None if charset in ("declared", "auto") else charset
    return [hl7_sheet(hl7.parse(one, named)) for one in hl7.split_messages(content) or [content]]


def _in_charset(parse: Callable[..., list[Message]], content: bytes, charset: str) -> list[Message]:
    """Parse; "auto" is UTF-8 or, where the bytes are not, Latin-1, which takes every byte.

    So does a western charset: text whose bytes are UTF-8 throughout is what such a charset cannot mean.
    """
    if charset not in _WESTERN:
        return parse(content, charset)
    western = "latin-1" if charset == "auto" else charset
    if content.isascii():
        return parse(content, western)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return parse(content, western)
    return parse(content, "utf-8")
