"""What a model does with MLLP and the acknowledgements of HL7: the standard's rules, and named tolerances."""

from collections.abc import Sequence
from dataclasses import dataclass, field

VT, FS, CR = b"\x0b", b"\x1c", b"\r"
ASKING = frozenset(
    {"QBP^Z01", "QBP^Z03"}
)  # GeneXpert, Cepheid 301-2002: RSP^Z02 with the orders is the answer


@dataclass(frozen=True, slots=True)
class MllpProfile:
    """How one model speaks HL7 over MLLP. What goes out is always VT, segments that end with CR, FS, CR."""

    message_limit: int = 16 * 1024 * 1024  # bytes of one message kept in memory
    block_timer: float = 30.0  # seconds without a byte, and a block that was begun is given up
    return_timer: float = 0.5  # seconds that the CR after FS is waited for
    bare: bool = False  # messages without VT and FS; silence or the next MSH ends one
    bare_timer: float = 1.0
    keeps_controls: bool = False  # control characters may stand in a message (NUL padding)
    reply_timer: float = 30.0  # seconds for the acknowledgement of what we sent
    receipt_code: str = "AA"  # MSA-1 of an application acknowledgement; "CA" for GeneXpert
    commit_settles: bool = False  # CA alone is all the model ever answers
    silent_kinds: frozenset[str] = ASKING  # messages whose answer the owner sends, with MSA in it
    replies_elsewhere: bool = False  # replies go over the other socket of the model (the owner sees to it)
    unable_codes: frozenset[str] = field(
        default_factory=frozenset
    )  # instrument: OBR-4.1 answered UA; "*" is all


STANDARD = MllpProfile()


def block(segments: Sequence[bytes]) -> bytes:
    """Return one message, its segments without CR, as it goes over the line, or raise ValueError."""
    if any(mark in segment for segment in segments for mark in (VT, FS, CR)):
        raise ValueError("a segment holds a character that would break the block")
    return VT + b"".join(segment + CR for segment in segments) + FS + CR
