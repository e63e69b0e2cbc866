"""Whatever happens on the line of a native link: no fault, no false content, every message settled once."""

from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.wire.advia2120_link import Advia2120Profile
from aliquot.wire.advia2120_link import framed as advia_frame
from aliquot.wire.dialogue import Dialogue
from aliquot.wire.dimension_link import DimensionProfile
from aliquot.wire.dimension_link.link import framed as dimension_frame
from aliquot.wire.link_events import Event, MessageDelivered, MessageReceived, MessageUndelivered
from aliquot.wire.links import LinkProfile, open_link
from aliquot.wire.lis3_link import Lis3Profile
from aliquot.wire.lis3_link import framed as lis3_frame
from aliquot.wire.plain_frames import PlainProfile

MESSAGES: dict[str, tuple[LinkProfile, list[bytes], list[bytes]]] = {
    "advia2120": (
        Advia2120Profile(),
        [b"R 00000000700123                  03/10/26 09:15:30   \r\n  1 6.35 \r\n", b"Q 00000000700123\r\n"],
        [b"Y   A 00000000700123 \r\n001\r\n", b"N W 00000000700123\r\n"],
    ),
    "dimension": (
        DimensionProfile(),
        [
            b"R\x1c*\x1c\x1c152\x1c1\x1c\x1c0\x1c192902111125\x1c1\x1c1\x1c1\x1cALTI\x1c72\x1cU/L\x1c\x1c",
            b"I\x1c152\x1c",
        ],
        [b"D\x1c0\x1c0\x1cA\x1cDOE\x1c152\x1c1\x1c\x1c1\x1c1\x1c**\x1c1\x1c1\x1cGLU\x1c", b"N\x1c"],
    ),
    "lis3": (
        Lis3Profile(),
        [
            b"SMP_NEW_DATA\x1c\x1erSEQ\x1d1\x1d\x1d\x1d\x1c\x1e",
            b"PAT_DEMOG_REQ\x1c\x1eiPID\x1d7\x1d\x1d\x1d\x1c\x1e",
        ],
        [b"PAT_DEMOG_DATA\x1c\x1eiPID\x1d7\x1d\x1d\x1d\x1c\x1e"],
    ),
    "vidas": (PlainProfile(end=b"\x1d", has_sum=True, joins_records=False), [b"\x1emtrsl|"], [b"\x1emtmpr|"]),
    "sysmex_ca": (PlainProfile(has_session=False, joins_records=False), [b"D121", b"R121"], [b"S121"]),
}
FRAMES: dict[str, Callable[[bytes], bytes]] = {
    "advia2120": lambda body: advia_frame(0x32, body),
    "dimension": dimension_frame,
    "lis3": lis3_frame,
    "vidas": lambda body: b"\x05\x02" + body + b"\x1d00\x04",
    "sysmex_ca": lambda body: b"\x02" + body + b"\x03",
}
CHECKED = ("advia2120", "dimension", "lis3", "vidas")
STRAY = (b"\x02", b"\x03", b"\x04", b"\x05", b"\x06", b"\x15", b"0", b"1", b"\x02\x06\x030B\x04")


@pytest.mark.parametrize("kind", sorted(MESSAGES))
def test_every_input_of_a_table_leads_to_an_action_that_exists(kind: str) -> None:
    link = open_link("computer", MESSAGES[kind][0])
    assert isinstance(link, Dialogue)
    assert [action for action, _ in link._table.values() if not hasattr(link, f"_{action}")] == []


def settled(events: Sequence[Event]) -> Counter[object]:
    return Counter(one.tag for one in events if isinstance(one, MessageDelivered | MessageUndelivered))


@settings(max_examples=400, deadline=None)
@given(data=st.data(), kind=st.sampled_from(sorted(MESSAGES)), is_computer=st.booleans())
def test_every_message_is_settled_once_whatever_comes(
    data: st.DataObject,
    kind: str,
    is_computer: bool,  # noqa: FBT001 - a drawn case
) -> None:
    profile, results, orders = MESSAGES[kind]
    link = open_link("computer" if is_computer else "instrument", profile)
    whole = [FRAMES[kind](body) for body in (*results, *orders)]
    comes = st.one_of(st.sampled_from([*whole, *STRAY]), st.binary(max_size=12))
    events: list[Event] = []
    now, tags = 0.0, 0
    for _ in range(data.draw(st.integers(0, 25))):
        step = data.draw(st.sampled_from(["come", "send", "wait", "speak"]))
        if step == "come":
            events += link.receive(data.draw(comes), now)
        elif step == "send":
            tags += 1
            link.send([data.draw(st.sampled_from(orders if is_computer else results))], tags)
        elif step == "wait":
            now = link.next_deadline or now
            events += link.overdue(now)
        else:
            link.outgoing(now)
    events += link.closed()
    assert settled(events) == Counter(range(1, tags + 1))
    assert link.next_deadline is None


@settings(max_examples=150, deadline=None)
@given(
    faults=st.lists(st.sampled_from(["pass", "pass", "pass", "lose", "double", "damage"]), max_size=60),
    kind=st.sampled_from(CHECKED),
    spot=st.integers(0, 10_000),
    change=st.integers(1, 255),
)
def test_a_bad_line_never_yields_other_content_and_loses_no_message(
    faults: list[str], kind: str, spot: int, change: int
) -> None:
    profile, results, _ = MESSAGES[kind]
    ends = open_link("computer", profile), open_link("instrument", profile)
    for tag, body in enumerate(results):
        ends[1].send([body], tag)
    lines, heard = [b"", b""], (list[Event](), list[Event]())
    now, turn = 0.0, 0
    while now < 120.0:
        for mine, other in ((0, 1), (1, 0)):
            arrived, lines[mine] = lines[mine], b""
            told = (ends[mine].receive(arrived, now) if arrived else []) + ends[mine].overdue(now)
            heard[mine].extend(told)
            said = b"".join(one.reply for one in told) + ends[mine].outgoing(now)
            fault = faults[turn % len(faults)] if faults and said and turn < len(faults) else "pass"
            turn += bool(said)
            lines[other] += carried(said, fault, spot, change)
        now += 0.01 if any(lines) else 0.5
    for mine in (0, 1):
        heard[mine].extend(ends[mine].closed())
    contents = [one.content for one in heard[0] if isinstance(one, MessageReceived)]
    assert set(contents) <= set(results)
    assert contents.count(results[0]) <= 1, "a result is told once"
    assert settled(heard[1]) == Counter(range(len(results)))
    delivered = {one.tag for one in heard[1] if isinstance(one, MessageDelivered)}
    assert 0 not in delivered or results[0] in contents, "what counts as delivered was received"


def carried(said: bytes, fault: str, spot: int, change: int) -> bytes:
    """Return what a line with this fault makes of some bytes."""
    if fault == "lose":
        return b""
    if fault == "double":
        return said * 2
    if fault == "damage" and said:
        at = spot % len(said)
        return said[:at] + bytes([said[at] ^ change]) + said[at + 1 :]
    return said


@pytest.mark.parametrize("kind", sorted(MESSAGES))
@pytest.mark.parametrize("role", ["computer", "instrument"])
def test_endless_noise_takes_no_memory(kind: str, role: str) -> None:
    link = open_link("computer" if role == "computer" else "instrument", MESSAGES[kind][0])
    for _ in range(40):
        link.receive(b"\x02" + b"x" * 65_536, 0.0)
        assert len(link._cutter._buffer) <= 300_000  # type: ignore[attr-defined]
