"""Whether a gap in a capture is its sender's habit or a loss: nobody can ask for a frame of the past again.

On a line a lost frame is not acknowledged and comes again, so a 1 behind a 7 is the habit of a sender that
leaves out 0 (IMMULITE). In a file it may as well be a frame 0 that is not there any more.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

_NUMBER = re.compile(rb"\x02[\x00\x02]*([0-7])[A-Za-z]")
_LINE_END = re.compile(rb"[\r\n]+")
_BELOW = {b"H": b"POR", b"P": b"OR", b"O": b"R"}  # what is counted anew (LIS02-A2 5.2)


def leaves_out_zero(data: bytes, messages: Sequence[bytes]) -> bool:
    """Whether 1 follows 7 by habit: no frame has the number 0, and the wrap came twice or broke no count."""
    numbers = _NUMBER.findall(data)
    wraps = sum(pair == (b"7", b"1") for pair in pairwise(numbers))
    return b"0" not in numbers and wraps > 0 and (wraps > 1 or all(map(is_counted_on, messages)))


def is_counted_on(message: bytes) -> bool:
    """Whether the P, O and R records of a message count 1, 2, 3 below their record, and each R has its O."""
    separator = message[1:2]
    counts: dict[bytes, int] = {}
    for line in _LINE_END.split(message):
        kind, number = line[:1].upper(), line[2:].split(separator, 1)[0]
        if kind == b"R" and b"O" not in counts:
            return False
        if kind in (b"P", b"O", b"R"):
            counts[kind] = counts.get(kind, 0) + 1
            if number != b"%d" % counts[kind]:
                return False
        for below in _BELOW.get(kind, b""):
            counts.pop(bytes([below]), None)
    return True
