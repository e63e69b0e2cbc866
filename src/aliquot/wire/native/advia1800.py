r"""Records of the ADVIA Chemistry 1800/2400/XPT: fixed width, in the frames of E1381, not E1394.

A record is a frame's text and has neither H nor L, so its link takes a whole session as one message.

Positions are counted from the record's letter, from 1; 3-4 is the number of blocks, 5-6 this block.

O, order: 7-9 number of items, 10 sample class N, 11 registration (0 new, 1 add, 2 nothing asked, 3 delete),
12-24 specimen, 25-31 place, 32-47 patient, 48-63 name, 64 sex, 65-67 age, 68-75 blank, 76-79 dilution
` 1.0`, 80 fluid (1 serum, 2 urine), 81 container, then four characters an item: number 3, `M` for master.
Q, query: 7-8 number of specimens, from 10 on 13 characters each. q: everything that is waiting.
R, result: 7-9 number of items, 10-23 time, 24 class (N specimen, C control), 26-38 specimen, 39-45 place
`rack-place`; in the first block 46-61 patient, 62-77 name, 78 sex, 79-81 age, 90-93 dilution, 94 fluid;
then, from 96 (later blocks from 46), 19 characters an item: number 3, `M`, value 8, flags 3 (R: rerun).

Source: an open host program for this model and its logged order; 10-23 as a time is our reading of the gap.
"""

from collections.abc import Iterator

from aliquot.wire.astm_records import Message, Record, RecordError
from aliquot.wire.native.tree import decoded, message, moment, query, record, result, results

_QUERY_HEAD, _QUERY_ID = 9, 13
_ORDER_HEAD, _ORDER_ITEM = 81, 4
_RESULT_HEAD, _RESULT_MORE, _RESULT_ITEM = 45, 50, 19


def parse(content: bytes, charset: str = "latin-1", *, time_width: int = 14) -> list[Message]:
    """Return one message with the records of a transfer, whether or not a CR stands between them.

    `time_width` is that of columns 10 onwards of R: 14, or 8 on programs that send the date alone.
    Raises RecordError for a record of another kind, or one that is shorter than it says.
    """
    text = decoded(content, charset)
    body: list[Record] = []
    for kind, one in _records(text, time_width - 14):
        _READERS[kind](one, body, time_width)
    if not body:
        raise RecordError("the message is empty")
    return [message(body, "ADVIA 1800")]


def _records(text: str, shift: int) -> Iterator[tuple[str, str]]:
    """Yield each record with its letter; how long it is stands in its own counts."""
    at = 0
    while at < len(text):
        kind = text[at]
        if kind in " \r\n":
            at += 1
            continue
        if kind not in _READERS:
            raise RecordError(f"no record of an ADVIA 1800: {text[at : at + 40]!r}")
        length = _length(kind, text[at:], shift)
        one = text[at : at + length]
        if len(one.rstrip("\r\n")) < length - 8:  # blanks at its end may have been left out
            raise RecordError(f"the record ends before its items do: {one[:40]!r}")
        yield kind, one
        at += length


def _length(kind: str, text: str, shift: int) -> int:
    if kind == "q":
        return len(text.split("\r", 1)[0])
    if kind == "Q":
        return _QUERY_HEAD + _QUERY_ID * _count(text[6:8])
    if kind == "O":
        return _ORDER_HEAD + _ORDER_ITEM * _count(text[6:9])
    more = _RESULT_MORE if _count(text[4:6]) <= 1 else 0
    return _RESULT_HEAD + shift + more + _RESULT_ITEM * _count(text[6:9])


def _count(text: str) -> int:
    if not (text.isascii() and text.strip(" ").isdigit()):
        raise RecordError(f"no number where a count should be: {text!r}")
    return int(text)


def _read_query(text: str, body: list[Record], _: int) -> None:
    for at in range(_QUERY_HEAD, len(text), _QUERY_ID):
        body.append(query(text[at : at + _QUERY_ID].strip(), number=len(body) + 1))


def _read_batch(_: str, body: list[Record], __: int) -> None:
    body.append(query("", number=len(body) + 1))


def _read_order(text: str, body: list[Record], _: int) -> None:
    action = {"0": "N", "1": "A", "3": "C"}.get(text[10:11], "")
    kind = "Y" if text[10:11] == "2" else "O"
    specimen, place = text[11:24].strip(), text[24:31].strip()
    fields = {2: "1", 3: specimen, 4: place, 12: action, 16: text[79:80], 26: kind}
    order = record("O", fields)
    items = (text[at : at + 3].strip() for at in range(_ORDER_HEAD, len(text), _ORDER_ITEM))
    order.fields[4] = "\x1e".join(item for item in items if item)
    body.extend(results(order, {3: text[31:47].strip(), 6: text[47:63].strip()}))


def _read_result(text: str, body: list[Record], time_width: int) -> None:
    time = moment(text[9:23], "%Y%m%d%H%M%S") if time_width >= 14 else moment(text[9:17], "%Y%m%d")  # noqa: PLR2004 - a full time
    shift = time_width - 14
    head, first = text[: 45 + shift], _count(text[4:6]) <= 1
    specimen, place = head[25 + shift : 38 + shift].strip(), head[38 + shift :].strip()
    is_control = head[23 + shift : 24 + shift] == "C"
    order = _continued(body, specimen) if not first else None
    if order is None:
        fluid = text[93 + shift : 94 + shift].strip() if first else ""
        order = record(
            "O", {2: "1", 3: specimen, 4: place, 12: "Q" if is_control else "", 16: fluid, 26: "F"}
        )
        body.extend(results(order))
    start = _RESULT_HEAD + shift + (_RESULT_MORE if first else 0)
    for at in range(start, len(text), _RESULT_ITEM):
        item = text[at : at + _RESULT_ITEM]
        if item.strip():
            result(order, {3: item[:3].strip(), 4: item[4:12].strip(), 7: item[12:15].strip(), 13: time})


def _continued(body: list[Record], specimen: str) -> Record | None:
    """Return the order an earlier block of this specimen opened, if it was the last."""
    order = body[-1].children[0] if body and body[-1].children else None
    return order if order is not None and order.field(3) == specimen else None


_READERS = {"O": _read_order, "Q": _read_query, "q": _read_batch, "R": _read_result}
