"""The database goes away under a served page: words, no stack, and everything works when it is back."""

import os
import signal
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest

from aliquot.foundation.postgres import ensure_running, status
from tests.processes import LiveRegion, free_port, listens, wait_for

pytestmark = pytest.mark.journey


def ask(address: str, accept: str, cookie: str = "") -> tuple[int, str]:
    headers = {"Accept": accept, "Accept-Language": "en", "Cookie": cookie}
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def is_open(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_page_without_its_database_says_so_and_recovers(own_server: LiveRegion) -> None:
    port = free_port()
    own_server.start("serve", "--port", str(port))
    wait_for(lambda: listens(port), "the server listens")
    address = f"http://127.0.0.1:{port}/start/"
    session = "sessionid=" + "a" * 32
    assert ask(address, "text/html", session)[0] == 200

    server = Path(own_server.home)
    postmaster = status(server).pid
    assert postmaster
    os.kill(postmaster, signal.SIGKILL)
    wait_for(lambda: not is_open(own_server.owner_url), "the database is gone")

    code, page = ask(address, "text/html", session)
    assert (code, "The database is away" in page, "<html" in page) == (503, True, True)
    code, words = ask(address, "*/*", session)
    assert (code, words.startswith("The database is away")) == (503, True)

    ensure_running(server)
    wait_for(lambda: ask(address, "text/html", session)[0] == 200, "the page is back", 30)
