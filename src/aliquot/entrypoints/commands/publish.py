"""Publish what changes in a region into its export, from which the federation reads it."""

import logging
import signal
from threading import Event
from time import monotonic
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, connections
from django.utils import timezone

from aliquot.foundation.actors import SystemActor, system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.foundation.postgres import PostgresUnavailable
from aliquot.oversight.federation.actions.exporting import open_export, prepare_export
from aliquot.oversight.federation.actions.publishing import Published, publish_once
from aliquot.oversight.federation.models import Node
from aliquot.oversight.federation.queries.nodes import named_node
from aliquot.registers.people.sign_in import laboratory_sites

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0
FAULTS = (Error, psycopg.Error)


class Command(BaseCommand):
    """`aliquot publish [--batch N] [--once]`: keep it running in a region that has joined a federation."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=2000, help="changes published in one transaction")
        parser.add_argument("--once", action="store_true", help="publish what there is, and end")

    def handle(self, *_: Any, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        try:
            node = _opened()
        except (PostgresUnavailable, Refused) as fault:
            raise CommandError(str(fault)) from fault
        if options["once"]:
            while publish(node, options["batch"]).has_more:
                pass
        else:
            publish_until(stop, node, options["batch"])


def publish(node: Node, limit: int) -> Published:
    """One round, as the program itself, for all laboratories of the region."""
    by = _publisher()
    with acting(by):
        return publish_once(node, limit=limit, by=by, at=timezone.now())


def publish_until(stop: Event, node: Node, limit: int) -> None:
    """Round after round until `stop`; a database that is away is waited for, a fault is tried again later."""
    pause = POLL_SECONDS
    while not stop.is_set():
        began = monotonic()
        try:
            if not publish(node, limit).has_more:
                stop.wait(POLL_SECONDS)
            pause = POLL_SECONDS
        except FAULTS as fault:
            pause = POLL_SECONDS if monotonic() - began > STEADY_SECONDS else min(pause * 2, LONGEST_PAUSE)
            logger.warning("nothing was published, trying again in %.1f s: %s", pause, fault)
            for alias in ("default", "export"):
                connections[alias].close()
            stop.wait(pause)


def _opened() -> Node:
    by = system_actor("publisher")
    with acting(by):
        node = named_node()
    open_export()
    prepare_export(node, by=by)
    return node


def _publisher() -> SystemActor:
    with acting(system_actor("publisher")):
        return system_actor("publisher", laboratory_sites())
