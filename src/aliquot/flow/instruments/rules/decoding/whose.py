"""Which driver a capture belongs to: by the names it calls itself, by other signs, or by what can read it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from aliquot.flow.instruments.rules.driver import Driver, driver_from, load, models
from aliquot.flow.instruments.rules.recognition import sheets_of
from aliquot.flow.instruments.rules.sheets import Sheet, first_text, shows
from aliquot.wire.advia2120_link import Advia2120Profile
from aliquot.wire.astm_link import FramingProfile
from aliquot.wire.dimension_link import DimensionProfile
from aliquot.wire.link_events import Event, MessageReceived
from aliquot.wire.links import LinkProfile, open_link
from aliquot.wire.lis3_link import Lis3Profile
from aliquot.wire.plain_frames import PlainProfile

# every tolerance of frame numbers, for a capture whose driver is not known yet
TOLERANT = FramingProfile(wraps_to_one=True, restarts_with_header=True)
_GENERIC = "generic_"
_WORTHLESS = (0, 0, 0, 0)
_BLOCKS = PlainProfile(has_session=False, joins_records=False)
_NATIVE: tuple[tuple[str, LinkProfile], ...] = (
    ("advia2120", Advia2120Profile()),
    ("dimension", DimensionProfile()),
    ("lis3", Lis3Profile()),
    ("sysmex_ca", _BLOCKS),
    ("spotchem", _BLOCKS),
    ("vidas", PlainProfile(needs_session=False, end=b"\x1d", has_sum=True, joins_records=False)),
    ("advia1800", FramingProfile(message_ends="frame")),
    ("astm", PlainProfile()),
    ("astm", PlainProfile(has_session=False)),
    ("astm", FramingProfile(has_checksum=False)),
)
_LAW = (b"OUL", b"QBP", b"OML", b"ORL", b"RSP")


def events_of(profile: LinkProfile, pieces: Sequence[bytes]) -> list[Event]:
    """Return what a host's end of the line makes of these pieces."""
    link = open_link("computer", profile)
    events = [event for piece in pieces for event in link.receive(piece, 0.0)]
    return events + link.closed()


def contents_of(events: Iterable[Event]) -> list[bytes]:
    """Return the messages among the events."""
    return [event.content for event in events if isinstance(event, MessageReceived)]


def driver_of(content: bytes) -> Driver | None:
    """Return the driver that names the sender of an ASTM or HL7 message, or knows another sign of it."""
    sheets = sheets_of(content)
    if not sheets:
        return None
    grammar = "hl7" if "MSH" in sheets[0].scope else "astm"
    ranked = [(rank, driver) for driver in _standard(grammar) if (rank := _rank(driver, sheets))]
    best = max((rank for rank, _ in ranked), default=0)
    among = [driver for rank, driver in ranked if rank == best]
    return min(among, key=lambda driver: _strangeness(driver, content)) if among else None


def generic_driver(content: bytes) -> Driver:
    """Return the driver of the standard itself."""
    start = content.lstrip(b"\x0b\x00 \r\n")
    if start[:3] != b"MSH":
        return load("generic_astm")
    header = start.split(b"\r", 1)[0]
    fields = header.split(start[3:4] or b"|")
    kind = fields[8][:3] if len(fields) > 8 else b""  # noqa: PLR2004 - MSH-9
    return load("generic_law" if kind in _LAW else "generic_hl7")


@dataclass(frozen=True, slots=True)
class Found:
    """A driver that can read a native capture, and the events of its link."""

    driver: Driver
    events: list[Event]
    worth: tuple[int, int, int, int]


def native_driver(pieces: Sequence[bytes]) -> Found | None:
    """Return the driver that understands most of a capture that is neither E1381 nor MLLP."""
    known: dict[LinkProfile, list[Event]] = {}
    found: list[Found] = []
    for driver in _natives():
        if driver.framing not in known:
            known[driver.framing] = events_of(driver.framing, pieces)
        events = known[driver.framing]
        worth = _worth(driver, events)
        if worth > _WORTHLESS:
            found.append(Found(driver, events, worth))
    return max(found, key=lambda one: one.worth, default=None)  # of equals the first: the named one


@cache
def _standard(grammar: str) -> tuple[Driver, ...]:
    drivers = (load(model) for model in models() if not model.startswith(_GENERIC))
    return tuple(driver for driver in drivers if driver.layout.grammar == grammar)


@cache
def _natives() -> tuple[Driver, ...]:
    """The drivers of other links, or of fixed-width texts inside the frames of E1381; nameless ones last."""
    drivers = (load(model) for model in models())
    named = [
        driver
        for driver in drivers
        if driver.layout.grammar not in ("astm", "hl7") or not isinstance(driver.framing, FramingProfile)
    ]
    return (*named, *(_nameless(kind, profile) for kind, profile in _NATIVE))


def _nameless(kind: str, profile: LinkProfile) -> Driver:
    """The standard's driver over a native protocol: it reads the fields and knows none of their words."""
    layout = load("generic_astm").layout
    return driver_from(
        replace(layout, model=f"generic_{kind}", grammar=kind, framing=profile, charset="latin-1")
    )


def _rank(driver: Driver, sheets: Sequence[Sheet]) -> int:
    """Return 0 for a stranger; the sender's name counts more than another sign."""
    identity = driver.layout.identity
    first = sheets[0]
    sender = first_text(identity.at, first.scope, first.marks)
    named = identity.names(sender)
    signed = any(
        shows(sign, finding.scope, sheet.marks)
        for sign in identity.signs
        for sheet in sheets
        for finding in sheet.findings
    )
    return 2 * named + signed


def _strangeness(driver: Driver, content: bytes) -> int:
    understood = driver.read(content)
    return len(understood.problems) + sum(len(one.unknown) for one in understood.readings)


def _worth(driver: Driver, events: Sequence[Event]) -> tuple[int, int, int, int]:
    """Return (messages understood, results and questions in them, named senders, fewer strange words).

    Messages that say nothing of results, such as a calibration, count only where there are no others.
    """
    readings = questions = strange = messages = named = quiet = 0
    for content in contents_of(events):
        understood = driver.read(content)
        if understood.readings or understood.queries:
            messages += 1
        elif not understood.problems:
            quiet += 1
        readings += len(understood.readings)
        questions += len(understood.queries)
        strange += len(understood.problems)
        named += driver.layout.identity.names(understood.sender)
    return (messages, readings + questions, named, -strange) if messages else (0, 0, quiet, 0)
