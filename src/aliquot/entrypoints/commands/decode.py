"""Read analyzer captures without a database and print what they say."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aliquot.flow.instruments.rules.decoding import FEEDS, Page, decode
from aliquot.flow.instruments.rules.driver import Driver, load, models
from aliquot.flow.instruments.rules.layout import DriverError


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--driver", choices=models(), help="the model; otherwise it is recognised")
        parser.add_argument("--feed", choices=FEEDS, default="all", help="how the bytes are cut: %(choices)s")
        parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print results, questions and everything that would wait for a person, file by file.

        A file that cannot be read is named, the others are read, and the command ends with 1.
        """
        driver = _driver(options["driver"])
        unread: list[str] = []
        for path in options["files"]:
            try:
                data = path.read_bytes()
            except OSError as fault:
                unread.append(str(fault))
                continue
            rows = decode(data, driver, options["feed"])
            if options["json"]:
                for row in rows:
                    self.stdout.write(json.dumps({"file": str(path), **row}, ensure_ascii=False))
            else:
                self.stdout.write("\n".join([str(path), *Page(rows).lines()]))
        if unread:
            raise CommandError("; ".join(unread))


def _driver(model: str | None) -> Driver | None:
    try:
        return load(model) if model else None
    except DriverError as fault:
        raise CommandError(str(fault)) from fault
