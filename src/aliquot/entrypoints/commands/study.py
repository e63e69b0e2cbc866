"""Evaluate a method and decide.

Precision, comparison, linearity, detection, lots and the rest of CLSI's EP.
"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext, gettext_noop

from aliquot.foundation.questions import UnreadableQuestionError, read_content, read_object
from aliquot.oversight.studies.rules.evaluating import KINDS, evaluate
from aliquot.oversight.studies.rules.findings import Reason, Study, Unusable, shown, told
from aliquot.oversight.studies.rules.given import Given, given
from aliquot.oversight.studies.rules.tables import read_table

MALFORMED = 2
INPUTS = "inputs"

NO_PART = gettext_noop("--plan %(found)s: write NAME=VALUE, such as tea=0.5.")


class Command(BaseCommand):
    """`aliquot study KIND FILE|-`."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", metavar="KIND", help=", ".join(KINDS))
        parser.add_argument(
            "file", metavar="FILE", help="JSON, CSV or XLSX; - reads JSON or CSV from standard input"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object; - always does")
        parser.add_argument(
            "--plan",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="state a part of the plan, such as tea=0.5",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Print figures, decision and reasons.

        Ends with 2 and names row, field and remedy for unusable data.
        """
        try:
            inputs = read_inputs(options["file"], options["plan"])
            study = evaluate(options["kind"], inputs)
        except Unusable as fault:
            raise CommandError(said(fault.reason), returncode=MALFORMED) from fault
        except UnreadableQuestionError as fault:
            raise CommandError(str(fault), returncode=MALFORMED) from fault
        if options.get("json") or options["file"] == "-":
            self.stdout.write(json.dumps(told(study), ensure_ascii=False, allow_nan=False))
        else:
            self.stdout.write("\n".join(as_text(study)))


def read_inputs(file: str, stated: list[str]) -> Given:
    """Plan and data of a file or of standard input, with the parts of the plan stated beside it."""
    content = read_content(file)
    found = _of_json(content) if content.lstrip()[:1] in {b"{", b"["} else read_table(file, content)
    return given({**found.values, **dict(map(_part, stated))}, found.places)


def _part(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name.strip() and sign and value.strip()):
        raise Unusable(NO_PART, found=text)
    return name, value


def _of_json(content: bytes) -> Given:
    found = read_object(content)
    return given(found[INPUTS] if isinstance(found.get(INPUTS), dict) else found)


def as_text(study: Study) -> list[str]:
    """Decision and reasons, remarks, then the figures, one in a line."""
    lines = [f"{study.kind}: {study.decision}"]
    lines += [f"  {said(one)}" for one in study.reasons]
    lines += [f"  ! {said(one)}" for one in study.remarks]
    figures = {name: value for name, value in told(study).items() if name not in BESIDE}
    return [*lines, "", *_rows(figures)]


BESIDE = frozenset({"study", "decision", "reasons", "criteria", "remarks"})


def _rows(figures: dict[str, Any], indent: str = "") -> list[str]:
    rows: list[str] = []
    for name, value in figures.items():
        if isinstance(value, dict):
            rows += [f"{indent}{name}:", *_rows(value, indent + "  ")]
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            rows += [f"{indent}{name}:", *(f"{indent}  {_inline(one)}" for one in value)]
        else:
            rows.append(f"{indent}{name}: {_one(value)}")
    return rows


def _inline(value: dict[str, Any]) -> str:
    return ", ".join(f"{name} {_one(one)}" for name, one in value.items())


def _one(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(_one, value)) or "-"
    return "-" if value is None else shown(value)


def said(reason: Reason) -> str:
    """The sentence in the language of the person."""
    return reason.said(gettext)
