"""The command `aliquot simulate`: what it says, and what it says when it cannot."""

import io
import json
import os
import pty
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from aliquot.entrypoints.commands.simulate import Command
from aliquot.entrypoints.simulate.faults import FAULTS
from aliquot.flow.instruments.rules.driver import load, models
from aliquot.wire.link_events import MessageReceived
from aliquot.wire.links import open_link


def simulate(*arguments: str) -> str:
    out = io.StringIO()
    call_command(Command(), *arguments, stdout=out)
    return out.getvalue()


def test_models_and_faults_are_listed_with_words() -> None:
    text = simulate("--list")
    assert all(model in text for model in models())
    assert all(f"{name} " in text and one.words in text for name, one in FAULTS.items())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name a model"),
        (["sysmex_xn"], "say where"),
        (["no_such_model", "--port", "1"], "no driver for 'no_such_model'"),
        (["sysmex_xn", "--port", "1", "--fault", "rain"], "no fault 'rain'"),
        (["sysmex_xn", "--port", "1", "--specimens", "no/such/file"], "No such file"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        simulate(*arguments)


def test_in_a_folder_each_message_is_a_file(tmp_path: Path) -> None:
    found = json.loads(simulate("sysmex_xn", "--folder", str(tmp_path), "--specimens", "3", "--json"))
    files = sorted(tmp_path.iterdir())
    assert (found["acknowledged"], len(files)) == (3, 3)
    assert all(one.suffix == ".txt" and one.read_bytes().startswith(b"H|") for one in files)


def test_a_device_on_a_serial_port(tmp_path: Path) -> None:
    """The other end of a pseudo-terminal answers as a host does."""
    ours, theirs = pty.openpty()
    contents: list[bytes] = []
    host = threading.Thread(target=answer, args=(ours, contents), daemon=True)
    host.start()
    (tmp_path / "tubes").write_text("710100000011\n710100000012\n", "utf-8")
    found: dict[str, Any] = json.loads(
        simulate(
            "sysmex_xn", "--serial", os.ttyname(theirs), "--specimens", str(tmp_path / "tubes"), "--json"
        )
    )
    assert (found["sent"], found["acknowledged"]) == (2, 2)
    assert b"710100000011" in contents[0]
    assert b"710100000012" in contents[1]


def answer(port: int, contents: list[bytes]) -> None:
    link = open_link("computer", load("sysmex_xn").framing)
    while len(contents) < 2:
        for event in link.receive(os.read(port, 4096), 0.0):
            if isinstance(event, MessageReceived):
                contents.append(event.content)
            os.write(port, event.reply)
