"""The segments of HL7 version 2, any version: bytes to a tree and back without loss, whatever the link."""

from aliquot.wire.hl7.charsets import charset_of
from aliquot.wire.hl7.damage import damage_of
from aliquot.wire.hl7.message import Hl7Message, Segment, parse, split_messages
from aliquot.wire.hl7.text import (
    STANDARD,
    Delimiters,
    Field,
    Hl7Error,
    Sent,
    compose,
    delimiters_of,
    escape,
    unescape,
)

__all__ = [
    "STANDARD",
    "Delimiters",
    "Field",
    "Hl7Error",
    "Hl7Message",
    "Segment",
    "Sent",
    "charset_of",
    "compose",
    "damage_of",
    "delimiters_of",
    "escape",
    "parse",
    "split_messages",
    "unescape",
]
