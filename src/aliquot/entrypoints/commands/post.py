"""Carry messages to other nodes."""

import logging
import signal
from threading import Event
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, connection

from aliquot.entrypoints.post.sending import deliver_once

POLL_SECONDS = 0.5
FAULTS = (Error, psycopg.Error)
logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """`aliquot post [--once]`: sends what waits, in its order, until it is kept at the other node."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round over the lines that are due")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["once"]:
            done = deliver_once()
            print(f"{done.delivered} delivered, {done.troubled} lines in trouble")
            return
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        deliver_until(stop)


def deliver_until(stop: Event) -> None:
    """Round after round; sleep when nothing was to be done; wait for a database that is away."""
    while not stop.is_set():
        try:
            done = deliver_once()
        except FAULTS as fault:
            logger.warning("the database does not answer: %s", fault)
            connection.close()
            stop.wait(POLL_SECONDS)
            continue
        if not done.delivered:
            stop.wait(POLL_SECONDS)
