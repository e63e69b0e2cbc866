r"""The printer line of the Spotchem EL SE-1520: `YY/MM/DD HH:MM ID# specimen [fluid]` and its tests.

Without a fluid the specimen has eleven columns. A test takes 21 columns: name, value right-justified to
column 12, flag 13-14, unit 15-20, a blank. STX and ETX stand around the line; there is no checksum.

Source: capture in senaite.astm; the flag's columns are those the capture leaves blank.
"""

import re

from aliquot.wire.astm_records import Message, RecordError
from aliquot.wire.native.tree import decoded, message, moment, record, result, results

_HEAD = re.compile(
    r"(?P<time>\d\d/\d\d/\d\d \d\d:\d\d) ID# ?"
    r"(?:(?P<specimen>[^\[]{,20}?) *\[(?P<fluid>[^\]]*)\] ?|(?P<bare>.{11}))"
)
_GROUP, _VALUE_END, _UNIT = 21, 12, slice(14, 20)


def parse(content: bytes, charset: str = "latin-1") -> list[Message]:
    """Return the message of one line; raises RecordError when its head is missing."""
    text = decoded(content, charset).strip("\r\n")
    head = _HEAD.match(text)
    if head is None:
        raise RecordError(f"no result line of a Spotchem: {text[:40]!r}")
    time = moment(head["time"], "%y/%m/%d %H:%M")
    specimen = head["specimen"] or head["bare"] or ""
    order = record("O", {2: "1", 3: specimen.strip(), 16: (head["fluid"] or "").strip(), 26: "F"})
    for at in range(head.end(), len(text), _GROUP):
        group = text[at : at + _GROUP]
        if not group.strip():
            continue
        name, _, value = group[:_VALUE_END].strip().partition(" ")
        flag = group[_VALUE_END : _UNIT.start].strip()
        result(order, {3: name, 4: value.strip(), 5: group[_UNIT].strip(), 7: flag, 13: time})
    return [message(results(order), "SE-1520", time)]
