"""Judge control results, patient-based control and sigma from JSON or a table, without a database."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aliquot.entrypoints.commands.calc import MALFORMED, as_json
from aliquot.flow.quality.rules.requests import answer
from aliquot.flow.quality.rules.westgard.requests import answer_table
from aliquot.flow.quality.rules.westgard.tables import COLUMNS
from aliquot.foundation.sheets import UnreadableSheetError, read_table
from aliquot.registers.catalogue.rules.calculators.quantities import InputError

OPTIONS = {
    "rules": "a set (all, westgard, manual, gost) or rules such as 1-3s/2-2s/R-4s; all by default",
    "warnings": "rules that only warn; 1-2s by default",
    "counting": "what later runs make of a rejected one: every_run (default), without_rejected, afresh",
    "r4s": "how R-4s is read: classic, range, both",
    "sigma": "the Westgard Sigma Rules for this sigma instead of named rules",
}


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        evaluating = actions.add_parser("evaluate", help="one JSON object, or a table of control results")
        evaluating.add_argument(
            "file",
            metavar="FILE",
            help=f"JSON, CSV or XLSX with the columns {', '.join(COLUMNS)}; - reads standard input",
        )
        evaluating.add_argument("--json", action="store_true", help="one JSON object instead of lines")
        for name, words in OPTIONS.items():
            evaluating.add_argument(f"--{name}", help=f"for control results: {words}")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print what is found: one JSON object for standard input or with --json, else lines for a person.

        Rows of a table that cannot be used are named, the rest is judged, and the command ends with 2; so it
        does, with nothing printed, when the whole input is unknown or malformed.
        """
        try:
            found = _answered(_content(options["file"]), options)
        except (InputError, UnreadableSheetError) as fault:
            raise CommandError(str(fault), returncode=MALFORMED) from fault
        is_object = options["json"] or options["file"] == "-"
        self.stdout.write(as_json(found) if is_object else "\n".join(as_lines(found)))
        if faults := found.get("faults"):
            told = [one["text"] for one in faults]
            words = "\n".join([f"{len(told)} rows are left out, the rest is judged:", *told])
            raise CommandError(words, returncode=MALFORMED)


def _answered(content: bytes, options: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: options[name] for name in OPTIONS if options.get(name) is not None}
    if content.lstrip()[:1] not in {b"{", b"["}:
        return answer_table(read_table(content, COLUMNS), said)
    inputs = _inputs(content)
    inner = inputs.get("inputs")
    return answer({**(inner if isinstance(inner, dict) else inputs), **said})


def _content(file: str) -> bytes:
    try:
        found = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as fault:
        raise InputError(f"{file} cannot be read: {fault}") from fault
    if not found.strip():
        raise InputError("The input is empty: give one JSON object, or a table with a line of headings.")
    return found


def _inputs(content: bytes) -> dict[str, Any]:
    """Numbers as they are written, not as binary fractions."""
    try:
        found = json.loads(
            content.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=_without_repetition,
        )
    except (json.JSONDecodeError, UnicodeDecodeError) as fault:
        raise InputError(f"The input is no JSON: {fault}. Give one object such as {{...}}.") from fault
    except RecursionError as fault:
        raise InputError("The input is nested too deeply: give one flat object.") from fault
    if not isinstance(found, dict):
        raise InputError("The input is no JSON object: give names and values in braces.")
    return found


def _no_number(text: str) -> None:
    raise InputError(f"{text} is no number.")


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InputError("A name stands twice in the input: leave one of them.")
    return found


def as_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """What was found as lines for a person: violations run by run, else a line for each figure."""
    if "violations" not in found:
        yield from (f"{key}: {_text(value)}" for key, value in found.items())
        return
    yield f"{found['runs']} runs of {found['levels']} levels, rules {', '.join(found['rules'])}"
    for one in found["violations"]:
        points = ", ".join(f"{_place(p)} {_signed(p['z'])}" for p in one["points"])
        yield f"run {one['run']}: {one['flag']} {one['severity']}, {one['error']} error: {points}"
    if not found["violations"]:
        yield "No rule is broken."
    yield from (one["text"] for one in found["missing"])


def _place(point: Mapping[str, Any]) -> str:
    return f"{point['run']}/{point['level']}"


def _signed(z: Decimal) -> str:
    return f"{z:+.2f}s"


def _text(value: Any) -> str:
    return as_json(value) if not isinstance(value, str) else value
