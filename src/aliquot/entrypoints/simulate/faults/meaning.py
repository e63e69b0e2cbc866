"""What a device says that its driver cannot know: pure changes of a run or of a message's records."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from aliquot.flow.instruments.rules.reading import Measurement, Run

CODE, FLAG, UNIT = "QQ9", "ZZ", "furlong"
TYPED = ("IVANOVA", "TEST", "PETROV 2", "CAP-17", "0000")
BIG = 65_000  # characters; more than the longest LIS01-A2 frame and than 64 KiB with the rest of a message


def changed(run: Run, name: str, draw: Random) -> Run:
    """The run with one unknown code, flag or unit, or under a number that no tube has."""
    if name == "foreign-specimen":
        return replace(run, specimen_code=f"{draw.choice(TYPED)}{draw.randrange(100)}")
    at = draw.randrange(len(run.measurements))
    one = _strange(run.measurements[at], name)
    return replace(run, measurements=(*run.measurements[:at], one, *run.measurements[at + 1 :]))


def padded(records: Sequence[bytes]) -> list[bytes]:
    """The same message with a record of histogram points before its last, so that it passes 64 000 bytes."""
    big = b",".join(b"%d" % (place * 7919 % 256) for place in range(BIG // 3))
    first = b"ZHI|1|HISTOGRAM|" if records[0].startswith(b"MSH") else b"M|1|HISTOGRAM|"
    at = len(records) if records[0].startswith(b"MSH") else len(records) - 1
    return [*records[:at], first + big, *records[at:]]


def _strange(one: Measurement, name: str) -> Measurement:
    if name == "unknown-code":
        return replace(one, code=CODE)
    if name == "unknown-flag":
        return replace(one, flags=FLAG)
    return replace(one, unit=UNIT)
