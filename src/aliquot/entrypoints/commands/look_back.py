"""Do a step of a look-back that was asked for on a page."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from aliquot.entrypoints.lookback.processes import run_task


class Command(BaseCommand):
    """`aliquot look-back ID`: the worker starts it by itself."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", type=int, help="number of the step")

    def handle(self, *_: Any, **options: Any) -> None:
        if not run_task(options["id"]):
            raise CommandError("this step is done already, or another process does it")
