"""Every fault a line or a device can have, by name: where it strikes and what it does, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Strikes(Enum):
    """Where a fault acts on the way from a measurement to its acknowledgement."""

    MEANING = "what the message says"
    FORM = "how the message is written"
    SENDING = "the bytes that leave the device"
    HEARING = "the bytes that reach the device"
    CONNECTION = "the connection itself"


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of trouble; `probability` is that of one message, one write or one reply."""

    name: str
    strikes: Strikes
    words: str
    probability: float = 0.05
    protocols: frozenset[str] = frozenset()  # empty: any


class FaultError(ValueError):
    """A fault was named that does not exist, or with a probability that is none."""


_CHECKED = frozenset({"astm", "dimension", "advia2120", "lis3"})
_MEANING, _FORM, _SENDING = Strikes.MEANING, Strikes.FORM, Strikes.SENDING
_HEARING, _CONNECTION = Strikes.HEARING, Strikes.CONNECTION
_HL7, _ASTM, _SPACED = frozenset({"mllp"}), frozenset({"astm"}), frozenset({"astm", "mllp"})

_ALL = (
    Fault("unknown-code", _MEANING, "a result under a test code that the driver does not know"),
    Fault("unknown-flag", _MEANING, "a result with a flag that no standard has"),
    Fault("unknown-unit", _MEANING, "a result in a unit that the driver does not know"),
    Fault("foreign-specimen", _MEANING, "a number that an operator typed and no tube has"),
    Fault("clock-skew", _MEANING, "a message whose times are up to 16 months wrong"),
    Fault("repeated-message", _MEANING, "an acknowledged message is sent again, byte for byte"),
    Fault("big-frame", _FORM, "more than 64 000 bytes in one message, packed into one frame"),
    Fault("lf-segments", _FORM, "segments end with LF instead of CR", protocols=_HL7),
    Fault("crlf-segments", _FORM, "segments end with CR LF", protocols=_HL7),
    Fault("missing-vt", _FORM, "a block begins without VT", protocols=_HL7),
    Fault("missing-cr", _FORM, "a block ends with FS, without CR", protocols=_HL7),
    Fault("missing-end", _SENDING, "a block whose end, FS and CR, never comes", 0.005, _HL7),
    Fault("bad-checksum", _SENDING, "a frame with a checksum that is not its own", protocols=_CHECKED),
    Fault("damaged-byte", _SENDING, "one byte of a frame became another", protocols=_CHECKED),
    Fault("lost-frame", _SENDING, "a frame leaves the device and never arrives", 0.005),
    Fault("doubled-frame", _SENDING, "a frame arrives twice, one right after the other", protocols=_ASTM),
    Fault("restarted-numbers", _SENDING, "frame numbers begin again in mid-session", protocols=_ASTM),
    Fault(
        "noise", _SENDING, "NULs and letters between frames, NULs and blanks between blocks", 0.05, _SPACED
    ),
    Fault("slow-sender", _SENDING, "a few bytes at a time, with pauses"),
    Fault("lost-ack", _HEARING, "an acknowledgement leaves the host and never arrives", 0.005),
    Fault("garbled-ack", _HEARING, "an acknowledgement arrives as another character", protocols=_ASTM),
    Fault("slow-receiver", _HEARING, "the device takes its time to look at what the host says"),
    Fault("contention", _HEARING, "the device bids for the line when the host does", 0.5, protocols=_ASTM),
    Fault("cut", _CONNECTION, "the connection breaks at any byte of a frame", 0.01),
    Fault("half-open", _CONNECTION, "the device forgets a connection without closing it", 0.005),
)

FAULTS: Mapping[str, Fault] = MappingProxyType({one.name: one for one in _ALL})


def chosen(wanted: list[str]) -> dict[str, float]:
    """Probability by fault from texts such as "cut", "cut:0.2" and "all"; raises FaultError by name."""
    found: dict[str, float] = {}
    for text in wanted:
        name, mark, given = text.partition(":")
        probability = _probability(text, given) if mark else None
        for fault in _named(name):
            found[fault.name] = fault.probability if probability is None else probability
    return found


def _named(name: str) -> list[Fault]:
    if name == "all":
        return list(FAULTS.values())
    if name not in FAULTS:
        raise FaultError(f"there is no fault {name!r}; known: all, {', '.join(FAULTS)}")
    return [FAULTS[name]]


def _probability(text: str, given: str) -> float:
    try:
        found = float(given)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise FaultError(f"{text!r}: after the colon stands a probability from 0 to 1")
    return found
