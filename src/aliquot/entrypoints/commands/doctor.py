"""Say what is wrong with this installation and how to mend it; count what it holds."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from aliquot.foundation import sql_files
from aliquot.oversight.health.queries import Finding, findings

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class Counts:
    specimens: int
    results_received: int
    results_released: int
    results_held: int
    reports_released: int
    messages_quarantined: int


class Command(BaseCommand):
    """`aliquot doctor [--json] [--deep]`; ends with 1 when something is wrong."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--deep", action="store_true", help="verify the audit and every kept content")

    def handle(self, *_: Any, **options: Any) -> None:
        found = list(findings(deep=options["deep"]))
        counts = None if any(one.is_database for one in found) else _counts()
        if options["json"]:
            shown = {
                "healthy": not found,
                "findings": [{"what": one.what, "remedy": one.remedy} for one in found],
                "counts": asdict(counts) if counts else None,
            }
            self.stdout.write(json.dumps(shown))
        else:
            self._tell(found, counts)
        if found:
            raise CommandError(f"{len(found)} to mend", returncode=1)

    def _tell(self, found: list[Finding], counts: Counts | None) -> None:
        for finding in found:
            self.stdout.write(f"! {finding.what}\n  mend: {finding.remedy}")
        if not found:
            self.stdout.write("Nothing is wrong.")
        for name, number in (asdict(counts) if counts else {}).items():
            self.stdout.write(f"{number:>10}  {name.replace('_', ' ')}")


def _counts() -> Counts:
    return sql_files.fetch(Counts, SQL, "counts", using="owner")[0]
