"""The answer an HL7 message is owed, computed from the message alone; nothing here knows whether it is kept.

Sources: HL7 v2.5.1 chapter 2 section 2.9 (original and enhanced acknowledgement), tables 0008, 0119, 0155;
IHE LAW LAB-27, LAB-28, LAB-29; Roche x800 Data Manager and cobas pro traces; Cepheid 301-2002 Rev E.
"""

import re
from collections.abc import Iterator

from aliquot.wire.hl7 import STANDARD as STANDARD_DELIMITERS
from aliquot.wire.hl7 import Hl7Error, Hl7Message, Segment, escape, parse
from aliquot.wire.mllp.profile import MllpProfile, block

# what answers an order: code, trigger, structure (LAW names ORL_O42 for OML^O33)
_ORDER_ANSWERS = {
    "OML^O21": ("ORL", "O22", "ORL_O22"),
    "OML^O33": ("ORL", "O34", "ORL_O42"),
    "OML^O35": ("ORL", "O36", "ORL_O36"),
    "ORM^O01": ("ORR", "O02", "ORR_O02"),
    "OMG^O19": ("ORG", "O20", "ORG_O20"),
}
_ON_SUCCESS, _ON_ERROR = ("AL", "SU"), ("AL", "ER")  # table 0155
_BREAKING = re.compile(r"[\n\r\x0b\x1c]")
_HEAD = 65_536  # bytes of a message in which its MSH must end to be refused by name
_ERR_SINCE = "2.5"  # ERR has the form used here from this version on
_NAMELESS = "MSH|^~\\&|||||||ACK||P|2.5.1"


def receipt(message: Hl7Message, profile: MllpProfile, number: int) -> bytes:
    """Return the blocks that acknowledge a message that was kept; `number` makes their control ids.

    MSH-15 asks for an acknowledgement of receipt (CA), MSH-16 for one of the application (AA, RSP, ORL);
    without both the application answers (original mode). With both asked for, CA comes first.
    """
    commit, application = wanted(message, _ON_SUCCESS)
    answers: list[list[bytes]] = []
    if commit:
        answers.append(_acknowledgement(message, "CA", f"{number}C"))
    if application and message.kind not in profile.silent_kinds:
        answers.append(_application_answer(message, profile, str(number)))
    return b"".join(block(answer) for answer in answers)


def refusal(raw: bytes, reason: str, number: int) -> bytes:
    """Return the block that refuses a message (CR or AR) with the reason in words; it can be sent again.

    What has no readable MSH is refused without a name. Empty when the message wants no answer to an error.
    """
    try:
        message = parse(raw[:_HEAD].lstrip(b"\x00\t\r\n ").split(b"\r", 1)[0])
    except Hl7Error:
        message = Hl7Message(STANDARD_DELIMITERS, [Segment(_NAMELESS)])
    commit, application = wanted(message, _ON_ERROR)
    if not (commit or application):
        return b""
    return block(_acknowledgement(message, "CR" if commit else "AR", str(number), reason))


def commit_receipt(message: Hl7Message, number: int) -> bytes:
    """Return the CA that an answer asks for, if it does; an answer gets no other answer."""
    if message.header.field(15).upper() not in _ON_SUCCESS:
        return b""
    return block(_acknowledgement(message, "CA", f"{number}C"))


def wanted(message: Hl7Message, when: tuple[str, str] = _ON_SUCCESS) -> tuple[bool, bool]:
    """Return (acknowledgement of receipt wanted, answer of the application wanted), by MSH-15 and MSH-16."""
    commit, application = (message.header.field(at).strip().upper() for at in (15, 16))
    if not commit and not application:
        return False, True
    return commit in when, application in when


def _application_answer(message: Hl7Message, profile: MllpProfile, number: str) -> list[bytes]:
    kind = message.kind
    if kind.startswith("QBP^Q") and message.first("QPD"):
        return _query_answer(message, kind[4:], number)
    if kind in _ORDER_ANSWERS and message.first("ORC"):
        return _order_answer(message, profile, number)
    if kind == "QRY^Q02":
        return _deferred_answer(message, number)
    return _acknowledgement(message, profile.receipt_code, number)


def _acknowledgement(message: Hl7Message, code: str, number: str, reason: str = "") -> list[bytes]:
    trigger = message.kind.partition("^")[2]
    lines = [_header(message, ("ACK", trigger, "ACK"), number), _msa(message, code, reason)]
    if reason and message.version >= _ERR_SINCE:
        fault = message.delimiters.component.join(("207", "Application internal error", "HL70357"))
        lines.append(
            _line(message, "ERR", "", "", fault, "E", "", "", "", escape(reason, message.delimiters))
        )
    return _encoded(message, lines)


def _query_answer(message: Hl7Message, trigger: str, number: str) -> list[bytes]:
    """RSP^Knn: only that the query was understood; the orders follow as messages of their own (LAB-28)."""
    query = message.first("QPD")
    assert query is not None
    name = "K" + trigger[1:]
    head = _header(message, ("RSP", name, f"RSP_{name}"), number)
    tag = _line(message, "QAK", query.field(2), "OK", query.field(1))
    return _encoded(message, [head, _msa(message, "AA"), tag, query.text])


def _deferred_answer(message: Hl7Message, number: str) -> list[bytes]:
    """QCK^Q02 of older models (Mindray): the query was understood, DSR^Q03 follows of its own accord."""
    head = _header(message, ("QCK", "Q02", "QCK_Q02"), number)
    return _encoded(message, [head, _msa(message, "AA"), _line(message, "QAK", "SR", "OK")])


def _order_answer(message: Hl7Message, profile: MllpProfile, number: str) -> list[bytes]:
    """ORL or ORR: the specimen as it came, and for each ORC whether its order is taken.

    A negative query response (ORC-1 DC) gets MSH and MSA alone.
    """
    head = [_header(message, _ORDER_ANSWERS[message.kind], number), _msa(message, "AA")]
    body = list(_order_lines(message, profile))
    has_orders = any(line.startswith("ORC") for line in body)
    return _encoded(message, head + body if has_orders else head)


def _order_lines(message: Hl7Message, profile: MllpProfile) -> Iterator[str]:
    order: Segment | None = None
    for segment in message.segments[1:]:
        if order is not None and segment.name in ("ORC", "OBR", "SPM"):
            yield from _order_line(message, order, segment if segment.name == "OBR" else None, profile)
            order = None
        if segment.name == "ORC":
            order = segment
        elif segment.name in ("PID", "SPM", "SAC"):
            yield segment.text
    if order is not None:
        yield from _order_line(message, order, None, profile)


def _order_line(
    message: Hl7Message, order: Segment, details: Segment | None, profile: MllpProfile
) -> Iterator[str]:
    control = order.field(1)
    if control == "DC":
        return
    code = message.component(details.field(4), 1) if details else ""
    placer = order.field(2) or (details.field(2) if details else "")
    if control == "CA":
        control, status = "CR", "CA"
    elif code in profile.unable_codes or "*" in profile.unable_codes:
        control, status = "UA", "CA"
    else:
        control, status = "OK", "SC"
    yield _line(message, "ORC", control, placer, "", "", status)


def _header(message: Hl7Message, kind: tuple[str, str, str], number: str) -> str:
    """MSH of an answer: sides swapped, version, time and character set of the message it answers.

    The time is the other side's own, as nothing here has a clock. LAW wants the transaction of MSH-21.
    """
    sent, marks = message.header.field, message.delimiters
    has_structure = sent(9).count(marks.component) > 1
    named = (kind if has_structure else kind[:2]) if kind[1] else kind[:1]
    sides = (sent(5), sent(6), sent(3), sent(4), sent(7))
    control_id = f"A{number}-{message.control_id[-10:]}"
    tail = (sent(11), sent(12), "", "", "", "", "", sent(18), "", "", _first_repeat(message, sent(21)))
    return _line(message, "MSH", marks.declared, *sides, "", marks.component.join(named), control_id, *tail)


def _first_repeat(message: Hl7Message, text: str) -> str:
    return next(iter(message.repeats(text)), "")


def _msa(message: Hl7Message, code: str, reason: str = "") -> str:
    return _line(message, "MSA", code, message.control_id, escape(reason[:80], message.delimiters))


def _line(message: Hl7Message, *fields: str) -> str:
    """Join fields that are as they were sent; empty ones at the end are left out."""
    return message.delimiters.field.join(fields).rstrip(message.delimiters.field)


def _encoded(message: Hl7Message, lines: list[str]) -> list[bytes]:
    """What was decoded is encoded again without loss, but for what would break the block or its segments.

    Only a reason's words may need a question mark.
    """
    return [_BREAKING.sub(" ", line).encode(message.charset, "replace") for line in lines]
