"""Two link engines on one line, and a stream fed in pieces: what the tests of every link engine share."""

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from aliquot.wire.link import Link
from aliquot.wire.link_events import Event

CUTS = st.lists(st.integers(1, 9), min_size=1, max_size=30)
"""Lengths of the pieces in which a stream comes, over and over."""


def talk(
    ends: tuple[Link, Link], *, seconds: float = 40.0, step: float = 0.5, start: float = 0.0
) -> tuple[list[Event], list[Event]]:
    """Let both ends say what they have to say for some seconds; return what each heard."""
    heard: tuple[list[Event], list[Event]] = ([], [])
    lines, now = [b"", b""], start
    while now < start + seconds:
        for mine, other in ((0, 1), (1, 0)):
            data, lines[mine] = lines[mine], b""
            told = ends[mine].receive(data, now) if data else []
            told = told + ends[mine].overdue(now)
            heard[mine].extend(told)
            lines[other] += b"".join(one.reply for one in told) + ends[mine].outgoing(now)
        now += step if not any(lines) else 0.01
    return heard


def events_in_pieces(make: Callable[[], Link], stream: bytes, cuts: Sequence[int]) -> list[Event]:
    """Return what a fresh engine tells of a stream that comes in pieces of these lengths, and of its end."""
    link, at, turn = make(), 0, 0
    events: list[Event] = []
    while at < len(stream):
        step = cuts[turn % len(cuts)]
        events += link.receive(stream[at : at + step], 0.0)
        at, turn = at + step, turn + 1
    return events + link.closed()


def check_cuts_change_nothing(make: Callable[[], Link], pieces: Sequence[bytes], cuts: Sequence[int]) -> None:
    """A fresh engine tells the same of a stream whole and in pieces."""
    stream = b"".join(pieces)
    assert events_in_pieces(make, stream, cuts) == events_in_pieces(make, stream, [len(stream) + 1])
