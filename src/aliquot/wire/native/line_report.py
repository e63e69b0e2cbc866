r"""Reports of lines, each thing on a line of its own, as the CLINITEK prints them to its serial port.

The CLINITEK puts the specimen on line 5, colour on 11, clarity on 12, and from 13 on three lines a test.
Which line is which is an option, because it differs with language and print settings.

Source: the domain notes on the CLINITEK; what the third line of a test holds is told by `parts`.
"""

from collections.abc import Mapping, Sequence

from aliquot.wire.astm_records import Message, RecordError
from aliquot.wire.native.tree import decoded, message, moment, record, result, results

_FIELDS = {"code": 3, "value": 4, "unit": 5, "range": 6, "flags": 7}


def parse(
    content: bytes,
    charset: str = "latin-1",
    *,
    specimen: int = 5,
    single: Mapping[str, str] | None = None,
    first: int = 13,
    parts: Sequence[str] = ("code", "value", "unit"),
    time: Sequence[int] = (),
    form: str = "%m-%d-%y %H:%M",
) -> list[Message]:
    """Return the message of one report. Numbers of lines count from 1.

    `single` names tests that have one line, by its number; `first` is where groups of `parts` begin; `time`
    the lines whose texts, joined by a blank, are the time. Raises RecordError when lines are missing.
    """
    text = decoded(content, charset).replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    lines = ["", *(line.strip() for line in text.split("\n"))]
    named = {"11": "COLOUR", "12": "CLARITY"} if single is None else single
    last = max([specimen, *time, *(int(number) for number in named)])
    if len(lines) <= last:
        raise RecordError(f"the report has {len(lines) - 1} lines, {last} are needed")
    groups = lines[first:]
    if len(groups) % len(parts):
        raise RecordError(f"the lines from {first} on are no groups of {len(parts)}")
    at = moment(" ".join(lines[number] for number in time), form) if time else ""
    order = record("O", {2: "1", 3: lines[specimen], 26: "F"})
    for number, code in named.items():
        result(order, {3: code, 4: lines[int(number)], 13: at})
    for start in range(0, len(groups), len(parts)):
        fields = dict(zip((_FIELDS[part] for part in parts), groups[start:], strict=False))
        if not fields.get(_FIELDS["code"]):
            raise RecordError(f"line {first + start} names no test")
        result(order, {**fields, 13: at})
    return [message(results(order), "", at)]
