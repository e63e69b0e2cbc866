"""Serve the pages and the FHIR interface over HTTP."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """`aliquot serve [--host H] [--port P]`: Granian with a pool of database connections."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("ALIQUOT_HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("ALIQUOT_PORT", "8000")))
        parser.add_argument("--threads", type=int, default=16)

    def handle(self, *_: Any, **options: Any) -> None:
        from granian.constants import Interfaces
        from granian.server import Server

        os.environ["ALIQUOT_POOL"] = str(options["threads"])
        Server(
            "aliquot.config.wsgi:application",
            address=options["host"],
            port=options["port"],
            interface=Interfaces.WSGI,
            workers=1,
            blocking_threads=options["threads"],
            log_access=False,
            websockets=False,
        ).serve()
