"""What an acknowledgement says of the message it answers (HL7 v2.5.1 2.9, tables 0008, 0119; LAW LAB-28)."""

from dataclasses import dataclass

from aliquot.wire.hl7 import Hl7Message, Segment

ACCEPTED, COMMITTED = "AA", "CA"
_WORDS = {
    "AE": "refused with an error (AE)",
    "AR": "rejected (AR)",
    "CE": "not accepted because of an error (CE)",
    "CR": "not accepted (CR)",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One acknowledgement: MSA-1, MSA-2, and why it is a refusal (empty when it is none)."""

    code: str
    control_id: str
    fault: str


def answer_of(message: Hl7Message) -> Answer | None:
    """Return what a message acknowledges, or None when it has no MSA."""
    found = message.first("MSA")
    if found is None:
        return None
    code = found.field(1).strip().upper()
    return Answer(code, message.unescape(found.field(2)).strip(), _fault(message, code, found.field(3)))


def _fault(message: Hl7Message, code: str, text: str) -> str:
    if code in (ACCEPTED, COMMITTED):
        return _unable(message)
    words = _WORDS.get(code, f"answered with an unknown code {code!r}")
    told = [message.unescape(text), *(_error_text(message, one) for one in message.every("ERR"))]
    return ": ".join([words, *dict.fromkeys(filter(None, told))])


def _error_text(message: Hl7Message, error: Segment) -> str:
    """The words of an ERR segment: ERR-8 and ERR-3 from version 2.5 on, before it ERR-1."""
    coded = message.component(error.field(3), 2) or message.component(error.field(3), 1)
    words = [message.unescape(error.field(8)), message.unescape(error.field(7)), coded]
    return next(filter(None, words), "") or message.unescape(error.field(1))


def _unable(message: Hl7Message) -> str:
    """Name the orders of an ORL that the analyzer is unable to accept (ORC-1 UA), and how many it took."""
    orders = message.every("ORC")
    refused = [one for one in orders if one.field(1).strip().upper() in ("UA", "UC")]
    if not refused:
        return ""
    names = [message.component(one.field(2), 1) or message.component(one.field(16), 1) for one in refused]
    which = ", ".join(filter(None, names))
    return f"{len(refused)} of {len(orders)} orders not accepted (UA)" + (f": {which}" if which else "")
