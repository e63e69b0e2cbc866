"""Evaluate a study whose data were given on a page."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from aliquot.oversight.studies.jobs import run_evaluation

COURTESY = 5
"""The live path goes first."""


class Command(BaseCommand):
    """`aliquot evaluate-study ID`: the worker starts it by itself."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", type=int, help="number of the study")

    def handle(self, *_: Any, **options: Any) -> None:
        os.nice(COURTESY)
        if not run_evaluation(options["id"]):
            raise CommandError("this study waits for no evaluation, or another process does it")
