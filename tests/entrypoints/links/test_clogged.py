"""With nowhere to keep what comes, only so much of it waits in memory; the rest waits at the analyzers."""

import socket
from contextlib import closing
from itertools import count

import psycopg
import pytest

from aliquot.entrypoints.links.service import LinkService
from aliquot.entrypoints.links.session import PENDING_LIMIT
from aliquot.wire.astm_link import ACK, ENQ, EOT, frames_of
from tests.entrypoints.links.inside import serving
from tests.entrypoints.links.lines import Stage, place
from tests.processes import LiveRegion, free_port, listens, wait_for
from tests.regions import read_region

pytestmark = pytest.mark.journey

LIMIT = 40_000
SESSION = [
    ENQ,
    *frames_of([b"H|\\^&|||XN-550", b"P|1", b"O|1||^^1^M", b"R|1|^^^^WBC^1|6.1|10*3/uL||N||F", b"L|1|N"]),
    EOT,
]


@pytest.fixture
def stage(live_region: LiveRegion) -> Stage:
    return place(live_region, read_region(), "sysmex_xn", listen_port=free_port())


def port_of(stage: Stage) -> int:
    assert stage.analyzer.listen_port
    return stage.analyzer.listen_port


def upload(port: int) -> bytes:
    """What the host answers to a message."""
    answers = b""
    with closing(socket.create_connection(("127.0.0.1", port), 20)) as line:
        for piece in SESSION[:-1]:
            try:
                line.sendall(piece)
                answer = line.recv(1)
            except ConnectionError:
                break
            if not answer:
                break
            answers += answer
        else:
            line.sendall(EOT)
    return answers


def push(line: socket.socket) -> int:
    """How many bytes more the line takes; none when it is full."""
    try:
        return line.send(b"." * 65_536)
    except TimeoutError:
        return 0


def weight(service: LinkService) -> int:
    return service.keeper.size + sum(one.size for one in service._lost)


def test_too_much_to_keep_later_takes_no_connection_until_it_is_kept(stage: Stage) -> None:
    port = port_of(stage)
    with serving(lost_limit=LIMIT) as service:
        wait_for(lambda: listens(port), "the link listens")
        with closing(socket.create_connection(("127.0.0.1", port), 20)) as held:
            held.sendall(ENQ)
            assert held.recv(1) == ACK
            stage.live.look("ALTER TABLE traffic RENAME TO gone")
            tries = next(at for at in count(1) if upload(port) == b"")  # it hangs up at once
            assert tries > 3  # each of the others was heard to its last frame
            assert LIMIT < weight(service) < LIMIT + 5000
            stage.shows(error="clogged")
            held.sendall(SESSION[1])
            held.settimeout(0.5)
            with pytest.raises(TimeoutError):  # nothing is read of a line that stands
                held.recv(1)
            stage.live.look("ALTER TABLE gone RENAME TO traffic")
            held.settimeout(20)
            assert held.recv(1) == ACK
        wait_for(lambda: upload(port) == ACK * 6, "the line takes messages again")
        wait_for(lambda: weight(service) == 0, "all that waited is kept")
    heard = stage.live.look("SELECT count(DISTINCT connection) FROM traffic WHERE bytes_in > 100")
    assert heard[0][0] >= tries - 1
    assert stage.states() == ["quarantined", "received"]  # the line that stood ended in mid-message


def test_a_database_that_hangs_lets_an_analyzer_wait(stage: Stage) -> None:
    port, sent = port_of(stage), 0
    with serving(lost_limit=LIMIT) as service:
        wait_for(lambda: listens(port), "the link listens")
        with closing(socket.create_connection(("127.0.0.1", port), 20)) as line:
            with psycopg.connect(stage.live.owner_url) as holder:
                holder.execute("LOCK TABLE traffic IN ACCESS EXCLUSIVE MODE")
                line.settimeout(3)  # less than a message may wait for its commit
                while pushed := push(line):
                    sent += pushed
                assert service.is_clogged
                assert weight(service) < 4 * PENDING_LIMIT
            line.settimeout(20)
        wait_for(lambda: not service.is_clogged, "the database keeps again")

        def is_kept() -> bool:
            return bool(stage.live.look("SELECT sum(bytes_in) = %s FROM traffic", sent)[0][0])

        wait_for(is_kept, "not a byte is lost")
