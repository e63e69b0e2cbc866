"""Score external assessment: a result, an event, robust estimates, material, a round; without a database."""

from argparse import ArgumentParser
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aliquot.entrypoints.commands.calc import MALFORMED, as_json
from aliquot.foundation.questions import UnreadableQuestionError, read_content, read_object
from aliquot.foundation.sheets import UnreadableSheetError, read_table
from aliquot.oversight.proficiency.rules.entries import COLUMNS, Fault, Line, read_lines
from aliquot.oversight.proficiency.rules.requests import several
from aliquot.oversight.proficiency.rules.requests.answers import answer
from aliquot.oversight.proficiency.rules.requests.fields import Fields, QuestionError

OPTIONS = {
    "assigned": "the assigned value of every item; without it the consensus of the participants",
    "u-assigned": "its standard uncertainty",
    "sigma-pt": "the standard deviation for the assessment",
    "limit-abs": "the allowed deviation, in the unit of the values",
    "limit-pct": "the allowed deviation in percent of the assigned value",
    "at-least": "how many results a consensus needs (12)",
    "method": "how the consensus is found: algorithm_a (default) or q_hampel",
}
SHOWN = ("participant", "group", "z", "z_prime", "zeta", "sdi", "d_percent", "signal", "reason")


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        scoring = parser.add_subparsers(dest="action", required=True).add_parser(
            "score", help="scores of one JSON object, or of a table of a round (CSV, XLSX)"
        )
        scoring.add_argument(
            "file",
            metavar="FILE",
            help=f"JSON, or a table with the columns {', '.join(COLUMNS)}; - reads standard input",
        )
        scoring.add_argument("--json", action="store_true", help="print JSON also for a table")
        scoring.add_argument("--by-method", action="store_true", help="judge each method by its own results")
        for name, words in OPTIONS.items():
            scoring.add_argument(f"--{name}", help=words)

    def handle(self, *_: Any, **options: Any) -> None:
        """Print the scores; a table's lines that cannot be used are named, and the command ends with 2."""
        try:
            content = read_content(options["file"])
            if content.lstrip()[:1] in {b"{", b"["}:
                self.stdout.write(as_json(answer(read_object(content))))
                return
            lines, faults = _lines(content)
            found = several.judged_answer(lines, several.target_of(Fields(_given(options), {})))
        except (QuestionError, UnreadableQuestionError, UnreadableSheetError) as fault:
            raise CommandError(str(fault), returncode=MALFORMED) from fault
        self._print(found, faults, as_object=options["json"])

    def _print(self, found: Mapping[str, Any], faults: list[Fault], *, as_object: bool) -> None:
        words = [one.words() for one in faults]
        self.stdout.write(as_json({**found, "faults": words}) if as_object else as_text(found))
        if words:
            told = "\n".join([f"{len(words)} faults; their lines are left out of the scores:", *words])
            raise CommandError(told, returncode=MALFORMED)


def as_text(found: Mapping[str, Any]) -> str:
    """A judged round as lines for a person."""
    lines = []
    for item in found["items"]:
        lines += ["", " ".join(filter(None, (item["sample"], item["test"], _head(item))))]
        shown = [name for name in SHOWN if any(name in one for one in item["scores"])]
        table = [shown, *([_figure(one.get(name)) for name in shown] for one in item["scores"])]
        widths = [max(len(row[at]) for row in table) for at in range(len(shown))]
        lines += [
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
            for row in table
        ]
    return "\n".join(lines).lstrip("\n")


def _head(item: Mapping[str, Any]) -> str:
    """What an item was judged by, and what stood in the way."""
    assigned, words = item["assigned"], []
    if assigned is not None:
        named = {"u": "u", "sigma": "sigma", "allowed": "allowed", "s_star": "s*", "count": "n"}
        figures = [
            f"{name} {_figure(assigned[key])}" for key, name in named.items() if assigned[key] is not None
        ]
        words = [f"assigned {_figure(assigned['value'])} ({assigned['basis']})", *figures]
    elif item["expected"]:
        words = [f"expected {item['expected']}"]
    return "; ".join([*words, *item["reasons"]])


def _figure(value: Any) -> str:
    if value is None:
        return ""
    return format(round(value, 4).normalize() + 0, "f") if isinstance(value, Decimal) else str(value)


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    said = {name.replace("-", "_"): options[name.replace("-", "_")] for name in OPTIONS}
    return {name: value for name, value in said.items() if value is not None} | {
        "by_method": options["by_method"]
    }


def _lines(content: bytes) -> tuple[list[Line], list[Fault]]:
    lines, faults = read_lines(read_table(content, COLUMNS))
    if missing := [one.words() for one in faults if one.code == "no_column"]:
        raise QuestionError(" ".join(missing))
    return lines, faults
