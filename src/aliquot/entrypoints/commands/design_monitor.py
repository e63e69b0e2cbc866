"""Try monitors on own results, as it was asked for on a page."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from aliquot.entrypoints.designing.processes import run_design

COURTESY = 5
"""The live path goes first."""


class Command(BaseCommand):
    """`aliquot design-monitor ID`: the worker starts it by itself."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", type=int, help="number of the trial")

    def handle(self, *_: Any, **options: Any) -> None:
        os.nice(COURTESY)
        if not run_design(options["id"]):
            raise CommandError("this trial is done already, or another process does it")
