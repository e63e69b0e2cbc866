"""Verify the audit's chains, or print the anchor that is kept elsewhere."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from aliquot.foundation.audit.queries import broken_blocks, extent


class Command(BaseCommand):
    """`aliquot audit verify [--anchor HEX] [--json]` and `aliquot audit anchor`."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify", "anchor"])
        parser.add_argument("--anchor", help="an anchor printed earlier, when nothing was written since")
        parser.add_argument("--json", action="store_true")

    def handle(self, *_: Any, **options: Any) -> None:
        held = extent()
        if options["what"] == "anchor":
            self.stdout.write(held.anchor)
            return
        faults = [
            f"{b.table_name or 'audit'}: block {b.id} (chain {b.slot}, place {b.seq}): {b.fault}"
            for b in broken_blocks()
        ]
        if options["anchor"] and options["anchor"] != held.anchor:
            faults.append("the ends of the chains are not those of the anchor")
        if options["json"]:
            self.stdout.write(
                json.dumps({"blocks": held.blocks, "rows": held.rows, "whole": not faults, "faults": faults})
            )
        else:
            for fault in faults:
                self.stdout.write(fault)
            self.stdout.write(f"{held.blocks} blocks, {held.rows} rows: " + ("BROKEN" if faults else "whole"))
        if faults:
            raise CommandError("the audit was altered", returncode=1)
