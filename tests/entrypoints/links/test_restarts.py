"""What a killed process left half done: the next one shows it, or takes it up again at once."""

import socket
from contextlib import closing

import psycopg
import pytest

from aliquot.flow.instruments.actions import queue_orders
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.foundation.context import acting
from aliquot.wire.astm_link import ACK, ENQ, EOT, frames_of
from tests.entrypoints.links.inside import serving
from tests.entrypoints.links.lines import Stage, place
from tests.processes import LiveRegion, free_port, listens, wait_for
from tests.regions import read_region
from tests.tubes import NOW

pytestmark = pytest.mark.journey


def kill(live: LiveRegion) -> None:
    live.processes[-1].kill()
    live.processes[-1].wait()


def begun(live: LiveRegion, model: str = "sysmex_xn", **reach: str) -> tuple[Stage, int]:
    port = free_port()
    stage = place(live, read_region(), model, listen_port=port, **reach)
    live.start("links", ALIQUOT_LOG="CRITICAL")
    wait_for(lambda: listens(port), "the link listens")
    return stage, port


def ask(port: int, number: str) -> None:
    """Ask about a tube until the question is acknowledged, and hang up."""
    with closing(socket.create_connection(("127.0.0.1", port), 20)) as line:
        for piece in (ENQ, *frames_of(load("sysmex_xn").query_message(number, Header(NOW)))):
            line.sendall(piece)
            assert line.recv(1) == ACK
        line.sendall(EOT)


def killed_with_a_question(live: LiveRegion, stage: Stage, port: int) -> None:
    """Kill the process after it has kept a question and before it can answer it."""
    (number,) = stage.tubes(1)
    with psycopg.connect(live.owner_url) as holder:
        holder.execute("LOCK TABLE specimen IN ACCESS EXCLUSIVE MODE")  # no answer is to be found
        ask(port, number)
        assert stage.states() == ["asked"]
        kill(live)


def problems(live: LiveRegion) -> list[tuple[str, str]]:
    return live.look(
        "SELECT p->>'code', p->>'detail' FROM message, jsonb_array_elements(problems) p ORDER BY message.id"
    )


SHOWN = [("undelivered", "its question was not answered, the program was interrupted")]


def test_a_question_nobody_answered_is_shown_when_nobody_waits_for_it_any_more(
    live_region: LiveRegion,
) -> None:
    stage, port = begun(live_region)
    killed_with_a_question(live_region, stage, port)
    with serving(speed=20):  # its minute is three seconds
        wait_for(lambda: listens(port), "the link listens again")
        ask(port, "710100009999")
        wait_for(lambda: stage.states() == ["asked", "answered"], "the first may be waited for still")
        wait_for(lambda: stage.states() == ["quarantined", "answered"], "a person sees it")
    assert problems(live_region)[:1] == SHOWN


def test_an_old_question_is_shown_at_once(live_region: LiveRegion) -> None:
    stage, port = begun(live_region)
    killed_with_a_question(live_region, stage, port)
    live_region.look("UPDATE message SET received_at = received_at - interval '2 minutes'")
    live_region.start("links", ALIQUOT_LOG="CRITICAL")
    wait_for(lambda: stage.states() == ["quarantined"], "a person sees it", 10)
    assert problems(live_region) == SHOWN


def test_questions_that_wait_when_the_line_ends_are_shown(live_region: LiveRegion) -> None:
    stage, port = begun(live_region)
    (number,) = stage.tubes(1)
    question = (ENQ, *frames_of(load("sysmex_xn").query_message(number, Header(NOW))))
    with psycopg.connect(live_region.owner_url) as holder:
        holder.execute("LOCK TABLE specimen IN ACCESS EXCLUSIVE MODE")
        with closing(socket.create_connection(("127.0.0.1", port), 20)) as line:
            for _ in range(2):
                for piece in question:
                    line.sendall(piece)
                    assert line.recv(1) == ACK
                line.sendall(EOT)
        wait_for(lambda: stage.states() == ["asked", "quarantined"], "the second is shown")
    wait_for(lambda: stage.states() == ["answered", "quarantined"], "the first is answered")
    assert ("undelivered", "the connection ended before the answer") in problems(live_region)


def test_an_order_that_a_killed_process_was_sending_is_sent_at_once(live_region: LiveRegion) -> None:
    stage, port = begun(live_region, "generic_astm", query_policy="preload")
    (number,) = stage.tubes(1)
    with acting(stage.region.worker) as by:
        queue_orders(stage.analyzer, [number], by=by, at=NOW)
    with closing(socket.create_connection(("127.0.0.1", port), 20)) as line:
        assert line.recv(1) == ENQ
        assert stage.states("is_outgoing") == ["sending"]
        kill(live_region)
    live_region.start("links", ALIQUOT_LOG="CRITICAL")
    wait_for(lambda: listens(port), "the link listens again")
    with closing(socket.create_connection(("127.0.0.1", port), 20)) as line:
        assert line.recv(1) == ENQ  # within its twenty seconds, not after five minutes
        line.sendall(ACK)
        while line.recv(65536) != EOT:
            line.sendall(ACK)
        wait_for(lambda: stage.states("is_outgoing") == ["undelivered", "sent"], "the order is sent")
    assert live_region.look("SELECT state, attempts FROM work_request") == [("sent", 2)]
