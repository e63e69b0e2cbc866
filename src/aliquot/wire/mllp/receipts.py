"""The answer an HL7 message is owed, computed from the message alone; nothing here knows whether it is kept.

Sources: HL7 v2.5.1 chapter 2 section 2.9 (original and enhanced acknowledgement), tables 0008, 0119, 0155;
IHE LAW LAB-27, LAB-28, LAB-29; Roche x800 Data Manager and cobas pro traces; Cepheid 301-2002 Rev E.
"""

import re
from collections.abc import Iterator

from aliquot.wire.hl7 import STANDARD as STANDARD_DELIMITERS
from aliquot.wire.hl7 import Field, Hl7Error, Hl7Message, Segment, Sent, compose, parse
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
_KIND = re.compile(r"[A-Z]{3}(?:\^[A-Z][A-Z0-9]{2})?\Z")
_HEAD = 65_536  # bytes of a message in which its MSH must end to be refused by name
_ERR_SINCE = "2.5"  # ERR has the form used here from this version on
_NAMELESS = "MSH|^~\\&|||||||ACK||P|2.5.1"


def is_kind(kind: str) -> bool:
    """Whether MSH-9 has the form of a message type: three letters, and a trigger of three characters."""
    return _KIND.match(kind) is not None


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
    code, _, trigger = message.kind.partition("^")
    if code == "QBP" and trigger.startswith("Q") and message.first("QPD"):
        return _query_answer(message, trigger, number)
    if message.kind in _ORDER_ANSWERS and message.first("ORC"):
        return _order_answer(message, profile, number)
    if message.kind == "QRY^Q02":  # deferred query of older models: DSR^Q03 follows of its own accord
        head = _header(message, ("QCK", "Q02", "QCK_Q02"), number)
        return _written(message, [head, _msa(message, "AA"), ["QAK", "SR", "OK"]])
    return _acknowledgement(message, profile.receipt_code, number)


def _acknowledgement(message: Hl7Message, code: str, number: str, reason: str = "") -> list[bytes]:
    trigger = message.kind.partition("^")[2]
    segments = [_header(message, ("ACK", trigger, "ACK"), number), _msa(message, code, reason)]
    if reason and message.version >= _ERR_SINCE:
        fault = ("207", "Application internal error", "HL70357")
        segments.append(["ERR", "", "", fault, "E", "", "", "", reason])
    return _written(message, segments)


def _query_answer(message: Hl7Message, trigger: str, number: str) -> list[bytes]:
    """RSP^Knn: only that the query was understood; the orders follow as messages of their own (LAB-28)."""
    query = message.first("QPD")
    assert query is not None
    name = "K" + trigger[1:]
    head = _header(message, ("RSP", name, f"RSP_{name}"), number)
    tag: list[Field] = ["QAK", Sent(query.field(2)), "OK", Sent(query.field(1))]
    return [*_written(message, [head, _msa(message, "AA"), tag]), query.text.encode(message.charset)]


def _order_answer(message: Hl7Message, profile: MllpProfile, number: str) -> list[bytes]:
    """ORL or ORR: the specimen as it came, and for each ORC whether its order is taken.

    A negative query response (ORC-1 DC) gets MSH and MSA alone.
    """
    head = _header(message, _ORDER_ANSWERS[message.kind], number)
    answer = _written(message, [head, _msa(message, "AA")])
    body = list(_order_lines(message, profile))
    return answer + body if any(line.startswith(b"ORC") for line in body) else answer


def _order_lines(message: Hl7Message, profile: MllpProfile) -> Iterator[bytes]:
    order: Segment | None = None
    for segment in [*message.segments[1:], None]:
        if order is not None and (segment is None or segment.name in ("ORC", "OBR", "SPM")):
            details = segment if segment is not None and segment.name == "OBR" else None
            yield from _order_line(message, order, details, profile)
            order = None
        if segment is not None and segment.name == "ORC":
            order = segment
        elif segment is not None and segment.name in ("PID", "SPM", "SAC"):
            yield segment.text.encode(message.charset)


def _order_line(
    message: Hl7Message, order: Segment, details: Segment | None, profile: MllpProfile
) -> Iterator[bytes]:
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
    yield from _written(message, [["ORC", control, Sent(placer), "", "", status]])


def _header(message: Hl7Message, kind: tuple[str, str, str], number: str) -> list[Field]:
    """MSH of an answer: sides swapped, version, time and character set of the message it answers.

    The time is the other side's own, as nothing here has a clock. LAW wants the transaction of MSH-21.
    """
    asked = message.header
    named = kind if message.component(asked.field(9), 3) else kind[:2]
    profile = next(iter(message.repeats(asked.field(21))), "")
    sides = [Sent(asked.field(at)) for at in (5, 6, 3, 4, 7)]
    control_id = f"A{number}-{message.control_id[-10:]}"
    tail = [Sent(asked.field(11)), Sent(asked.field(12)), "", "", "", "", "", Sent(asked.field(18)), "", ""]
    return ["MSH", "", "", *sides, "", named, Sent(control_id), *tail, Sent(profile)]


def _msa(message: Hl7Message, code: str, reason: str = "") -> list[Field]:
    return ["MSA", code, Sent(message.control_id), reason[:80]]


def _written(message: Hl7Message, segments: list[list[Field]]) -> list[bytes]:
    return compose(segments, message.delimiters, message.charset)
