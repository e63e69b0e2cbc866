"""Listen for the analyzers and keep what they send."""

import asyncio
import os
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """`aliquot links [--host H]`: one TCP server for each active analyzer, on its own port."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--host",
            default=os.environ.get("ALIQUOT_LINK_HOST", "127.0.0.1"),
            help="the address to listen on; analyzers on a network of their own need that network's address",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        asyncio.run(_serve(options["host"]))


async def _serve(host: str) -> None:
    from aliquot.entrypoints.links.service import LinkService

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await LinkService(host).run(stop)
