"""Bring a month that was put away back from its file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from aliquot.flow.results.actions.months import follow_merges
from aliquot.foundation.actors import system_actor
from aliquot.foundation.errors import Refused
from aliquot.foundation.months.actions import restore_month


class Command(BaseCommand):
    """`aliquot restore-month FILE`: checked, then attached again."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            kept = restore_month(
                options["file"], following=[follow_merges], by=system_actor("archive"), at=timezone.now()
            )
        except Refused as refusal:
            raise CommandError(refusal.reason) from refusal
        self.stdout.write(f"{kept.month} is in the database again")
