"""What is said of replication that does not flow, on either side."""

from datetime import UTC, datetime, timedelta

import pytest

from aliquot.oversight.federation.rules import standing
from aliquot.oversight.federation.rules.standing import (
    Publishing,
    Reader,
    Remark,
    Subscribed,
    faults_of_publishing,
    faults_of_subscription,
)

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
READS = Reader("facts_tula", is_active=True, wal_status="reserved", kept_bytes=0, left_bytes=None)
AWAY = Reader("facts_tula", is_active=False, wal_status="extended", kept_bytes=3 << 20, left_bytes=5 << 20)
FLOWS = Publishing(NOW, NOW, (READS,))
JOINED = Subscribed("tula", True, True, True, 0, 1, NOW, NOW)


def said(remarks: tuple[Remark, ...]) -> list[str]:
    for one in remarks:
        one.what.format(**dict(one.values))  # every gap has its value
    return [one.what for one in remarks]


def test_nothing_is_said_while_it_flows() -> None:
    assert faults_of_publishing(FLOWS, NOW) == ()
    assert faults_of_subscription(JOINED, NOW) == ()


@pytest.mark.parametrize(
    ("state", "what"),
    [
        (Publishing(NOW, NOW), [standing.NOBODY_READS]),
        (Publishing(NOW, NOW, (AWAY,)), [standing.READER_AWAY]),
        (Publishing(NOW, NOW, (Reader("x", False, "extended", 0, None),)), [standing.READER_AWAY]),
        (Publishing(NOW, NOW, (Reader("x", False, "lost", 0, None),)), [standing.READER_LOST]),
        (Publishing(None, None, (READS,)), [standing.NOT_PUBLISHING]),
        (Publishing(NOW - timedelta(minutes=3), NOW, (READS,)), [standing.NOT_PUBLISHING]),
        (Publishing(NOW, NOW - timedelta(minutes=6), (READS,)), [standing.IS_BEHIND]),
        (Publishing(NOW, None, (READS,)), [standing.IS_BEHIND]),
    ],
)
def test_a_region_says_what_is_wrong(state: Publishing, what: list[str]) -> None:
    assert said(faults_of_publishing(state, NOW)) == what


def test_how_much_is_kept_is_said() -> None:
    (found,) = faults_of_publishing(Publishing(NOW, NOW, (AWAY,)), NOW)
    assert dict(found.values) == {"kept": "3", "left": "5"}


@pytest.mark.parametrize(
    ("state", "what"),
    [
        (Subscribed("tula", False), [standing.NOT_JOINED]),
        (Subscribed("tula", True, False, False, 0, 1, NOW), [standing.DISABLED]),
        (Subscribed("tula", True, True, False, 0, 1, NOW), [standing.LINE_DOWN]),
        (Subscribed("tula", True, True, True, 4, 1, NOW), [standing.REFUSES]),
        (Subscribed("tula", True, True, True, 0, None, None), [standing.SILENT_REGION]),
        (Subscribed("tula", True, True, True, 0, 1, NOW - timedelta(minutes=3)), [standing.SILENT_REGION]),
        (Subscribed("tula", True, True, True, 0, 2, NOW), [standing.REGION_NEWER]),
        (Subscribed("tula", True, True, True, 0, 1, NOW, NOW, False, 2), [standing.REGION_OLDER]),
    ],
)
def test_the_federation_says_what_is_wrong(state: Subscribed, what: list[str]) -> None:
    assert said(faults_of_subscription(state, NOW)) == what
