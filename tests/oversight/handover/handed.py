"""A region with reports and documents, the place of the receiver, and the commands as a person gives them."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from psycopg import sql

from aliquot.entrypoints.commands.handover import Command
from aliquot.flow.orders.models import Order
from aliquot.flow.reports.actions import release_reports, render_document
from aliquot.flow.reports.queries import latest_report
from aliquot.foundation.context import acting
from aliquot.foundation.postgres import connect_urls, ensure_running
from aliquot.foundation.seals import make_seal_key, public_half, receiver_of, signing_key_of
from tests.factories import NOW, make_order
from tests.flow.reports.released import release
from tests.processes import LiveRegion, pointed_at
from tests.regions import Region


def make_reported(region: Region, count: int) -> list[Order]:
    """Orders with a released result, a report, and that report as a PDF in Russian."""
    orders = [make_order(region, "GLUS") for _one in range(count)]
    for order in orders:
        release(region, order, "GLUS", "5.40")
    with acting(region.worker):
        release_reports([one.pk for one in orders], by=region.worker, at=NOW)
        for order in orders:
            report = latest_report(order)
            assert report is not None
            render_document(report, "ru")
    return orders


class Receiver:
    """Who takes the region over: a key to open with, and an empty database of its own."""

    def __init__(self, home: Path, live: LiveRegion) -> None:
        self.key = make_seal_key()
        self.signer = signer()
        self.receiver = receiver_of(self.key)
        self.home = home
        self.live = live
        home.mkdir(exist_ok=True)
        self.key_file = home / "key.txt"
        self.key_file.write_text(f"# made by a test\n{self.key}\n")

    @property
    def keys(self) -> tuple[str, ...]:
        """The options that name whom to believe and what to open with."""
        return ("--signer", self.signer, "--key", str(self.key_file))


@contextmanager
def receiving(server_home: Path, home: Path) -> Iterator[Receiver]:
    """An empty database on the server of the tests, with roles of its own; removed afterwards."""
    name = f"handed_{os.getpid()}"
    environ = {key: value for key, value in os.environ.items() if not key.startswith("ALIQUOT_DATABASE")}
    urls = connect_urls(server_home, {**environ, "ALIQUOT_DATABASE": name})
    try:
        yield Receiver(home, LiveRegion(home, urls.owner_url, urls.app_url))
    finally:
        with psycopg.connect(ensure_running(server_home).superuser_url, autocommit=True) as session:
            session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            for role in (f"{name}_service", f"{name}_owner"):
                session.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
        for role in ("service", "owner"):
            (server_home.resolve() / "secrets" / f"{name}_{role}").unlink(missing_ok=True)


def signer() -> str:
    """The public key of the region under test."""
    return public_half(signing_key_of(settings.HOME))


def handover(*words: Any, said: list[str] | None = None) -> str:
    """What `aliquot handover <words>` says; also into `said` when it fails."""
    out = io.StringIO()
    try:
        call_command(Command(), *[str(one) for one in words], stdout=out, stderr=io.StringIO())
    finally:
        if said is not None:
            said.append(out.getvalue())
    return out.getvalue()


def refusal(*words: object) -> str:
    """What the command says when it fails; it has to."""
    said: list[str] = []
    with pytest.raises(CommandError) as refused:
        handover(*words, said=said)
    return "\n".join([*said, str(refused.value)])


@contextmanager
def at(receiver: Receiver) -> Iterator[None]:
    """Commands work at the receiver's meanwhile."""
    before = settings.HOME
    settings.HOME = receiver.home
    try:
        with pointed_at(receiver.live):
            yield
    finally:
        settings.HOME = before
