"""Acknowledgements that nobody awaits."""

from aliquot.wire.hl7 import Hl7Error, parse
from aliquot.wire.mllp.answers import answer_of


def is_refusal(content: bytes) -> bool | None:
    """Whether it says no to something; None when it is no HL7 message that answers another."""
    try:
        answer = answer_of(parse(content))
    except Hl7Error:
        return None
    return None if answer is None else answer.fault != ""
