r"""Texts of the ADVIA 2120/2120i: results, and the work-order dialogue.

A text begins with its type; positions are counted from there, from 1. Lines end with CR LF.

R, result: 3-16 specimen (zero padded to 14), 18-23 rack and place `rrr-pp`, 25 probe clog, 35-42 date
MM/DD/YY, 44-51 time; every further line holds groups of nine: test number 3, value 5, flag 1. Morphology
comes as a test whose value is `+` to `+++`.
Q, query: 3-16 specimen. N, no work order: `N W {specimen:0>14}`. S: the token, ten spaces.
Y, work order: 4 stat U, 5 update A, 7-20 specimen, 22-27 rack and place, 29 slide N, 32-37 and 40-44 blank,
46-59 patient, 63-92 name, 94-103 birth, 105 sex, 107-116 and 118-121 collected, 123-128 ward, 130-135
doctor; second line: test numbers of three digits without a gap.
E, the instrument's answer to a work order: 10-11 error, 0 and 10 mean that it is valid.

Source: HostManager (Advia2120Message, ResultMessage, DriverAdvia2120) and its captures of two instruments.
"""

from aliquot.wire.astm_records import Message, Record, RecordError
from aliquot.wire.native.tree import comment, decoded, message, moment, query, record, result, results

_GROUP = 9
_SPECIMEN = slice(2, 16)


def parse(content: bytes, charset: str = "latin-1", *, date: str = "%m/%d/%y") -> list[Message]:
    """Return the message of one text; raises RecordError for what is no result, query or order."""
    text = decoded(content, charset)
    reader = _READERS.get(text[:1])
    if reader is None:
        raise RecordError(f"no result, query or order of an ADVIA 2120: {text[:40]!r}")
    return [reader([line for line in text.split("\r\n") if line.strip()], date)]


def _read_result(lines: list[str], date: str) -> Message:
    head = lines[0]
    if len(head) < _SPECIMEN.stop:
        raise RecordError(f"the result line is too short: {head[:40]!r}")
    time = moment(head[34:42] + " " + head[43:51], f"{date} %H:%M:%S")
    order = record("O", {2: "1", 3: head[_SPECIMEN].strip(), 4: head[17:23].strip(), 26: "F"})
    if head[24:25].strip():
        order.children.append(comment(f"probe clog {head[24]}"))
    for line in lines[1:]:
        _read_groups(line, order, time)
    if not any(one.kind == "R" for one in order.children):
        raise RecordError("the result holds no groups")
    return message(results(order), "ADVIA 2120", time)


def _read_groups(line: str, order: Record, time: str) -> None:
    for at in range(0, len(line), _GROUP):
        group = line[at : at + _GROUP]
        if not group.strip():
            continue
        test, value, flag = group[:3].strip(), group[3:8].strip(), group[8:].strip()
        if not (test.isascii() and test.isdigit()):
            raise RecordError(f"no test number in the group {group!r}")
        result(order, {3: test, 4: value, 7: flag, 13: time})


def _read_query(lines: list[str], _: str) -> Message:
    specimen = lines[0][_SPECIMEN].strip()
    if not specimen:
        raise RecordError("the query names no specimen")
    return message([query(specimen)], "ADVIA 2120")


def _read_order(lines: list[str], _: str) -> Message:
    head, tests = lines[0], "".join(lines[1:]).strip()
    codes = [str(int(tests[at : at + 3])) for at in range(0, len(tests), 3) if tests[at : at + 3].isdecimal()]
    priority = "S" if head[3:4] == "U" else "R"
    action = "A" if head[4:5] == "A" else "N"
    fields = {2: "1", 3: head[6:20].strip(), 4: head[21:27].strip(), 6: priority, 12: action, 26: "O"}
    order = record("O", fields)
    order.fields[4] = "\x1e".join(codes)
    return message(results(order, {3: head[45:59].strip(), 6: head[62:92].strip()}))


def _read_no_order(lines: list[str], _: str) -> Message:
    order = record("O", {2: "1", 3: lines[0][4:18].strip(), 26: "Y"})
    return message(results(order))


_READERS = {"R": _read_result, "Q": _read_query, "Y": _read_order, "N": _read_no_order}
