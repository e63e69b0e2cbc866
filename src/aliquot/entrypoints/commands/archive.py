"""Put a month of results and audit away into a file, out of the database."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from aliquot.flow.results.actions.months import unfinished_in
from aliquot.foundation.actors import system_actor
from aliquot.foundation.errors import Refused
from aliquot.foundation.months.actions import archive_month


class Command(BaseCommand):
    """`aliquot archive --month 2025-03 --to DIR [--json]`; again with the same words after it was cut off."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--month", required=True, help="2025-03; first: from before ids had a month")
        parser.add_argument("--to", required=True, type=Path, help="a folder that is backed up")
        parser.add_argument("--json", action="store_true")

    def handle(self, *_: Any, **options: Any) -> None:
        folder: Path = options["to"]
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder: make it first")
        try:
            kept = archive_month(
                options["month"],
                folder,
                unfinished=[unfinished_in],
                by=system_actor("archive"),
                at=timezone.now(),
            )
        except Refused as refusal:
            raise CommandError(refusal.reason) from refusal
        if options["json"]:
            said = {"month": kept.month, "file": kept.file, "sha256": kept.digest, "tables": kept.tables}
            self.stdout.write(json.dumps(said))
            return
        rows = ", ".join(f"{table} {count}" for table, count in sorted(kept.tables.items()))
        self.stdout.write(f"{kept.month} is in {folder / kept.file}: {rows}")
        self.stdout.write(f"SHA-256 {kept.digest}")
