"""Hold the lines to the analyzers and keep what they send."""

import asyncio
import os
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """`aliquot links [--host H]`: the line to each active analyzer, over TCP, a serial port or a folder."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--host",
            default=os.environ.get("ALIQUOT_LINK_HOST", "127.0.0.1"),
            help="the address to listen on; analyzers on a network of their own need that network's address",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(options["host"]))


def _loop_factory() -> Any:
    """uvloop's, where there is one: it has twice the frames a second; else the standard library's."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(host: str) -> None:
    from aliquot.entrypoints.links.service import LinkService

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await LinkService(host).run(stop)
