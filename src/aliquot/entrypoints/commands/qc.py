"""Judge results of control and of patients, or design a monitor over them, without a database."""

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aliquot.entrypoints.commands.calc import MALFORMED, as_json
from aliquot.flow.quality.rules.requests import answer
from aliquot.flow.quality.rules.westgard.requests import answer_table
from aliquot.flow.quality.rules.westgard.tables import COLUMNS
from aliquot.foundation.questions import UnreadableQuestionError, read_content, read_object
from aliquot.foundation.sheets import UnreadableSheetError, read_columns, read_table
from aliquot.registers.catalogue.rules.calculators.quantities import InputError

OPTIONS = {
    "rules": "a set (all, westgard, manual, gost) or rules such as 1-3s/2-2s/R-4s; all by default",
    "warnings": "rules that only warn; 1-2s by default",
    "counting": "what later runs make of a rejected one: every_run (default), without_rejected, afresh",
    "r4s": "how R-4s is read: classic, range, both",
    "sigma": "the Westgard Sigma Rules for this sigma instead of named rules",
}

DESIGN = {
    "tea": "allowable error, in percent; in the unit of the results for constant errors",
    "alarms_per_day": "false alarms a day that you can live with; 0.1 by default",
    "error": "proportional (default), constant, or imprecision (an added CV in percent)",
    "trials": "errors tried for each size; 200 by default",
    "most": "results watched after each error begins; 1000 by default",
    "within_day": "true: each error is watched to the end of its day at most",
    "seed": "number that chooses the places of the errors; 1 by default",
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
        designing = actions.add_parser("design", help="limits and speed of monitors over your own results")
        designing.add_argument(
            "file", metavar="FILE", help="CSV or XLSX with the columns day and value; - reads standard input"
        )
        designing.add_argument("--json", action="store_true", help="one JSON object instead of lines")
        for name, words in DESIGN.items():
            designing.add_argument(f"--{name.replace('_', '-')}", dest=name, help=words)

    def handle(self, *_: Any, **options: Any) -> None:
        """Print what is found: one JSON object for standard input or with --json, else lines for a person.

        Rows of a table that cannot be used are named, the rest is judged, and the command ends with 2; so it
        does, with nothing printed, when the whole input is unknown or malformed.
        """
        is_design = options["action"] == "design"
        try:
            content = _content(options["file"])
            found = _designed(content, options) if is_design else _answered(content, options)
        except (InputError, UnreadableQuestionError, UnreadableSheetError) as fault:
            raise CommandError(str(fault), returncode=MALFORMED) from fault
        is_object = options["json"] or options["file"] == "-"
        self.stdout.write(
            as_json(found) if is_object else "\n".join(design_lines(found) if is_design else as_lines(found))
        )
        if faults := found.get("faults"):
            told = [one["text"] for one in faults]
            count = sum(one.get("count", 1) for one in found["faults"])
            words = "\n".join([f"{count} rows are left out, the rest is judged:", *told])
            raise CommandError(words, returncode=MALFORMED)


def _answered(content: bytes, options: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: options[name] for name in OPTIONS if options.get(name) is not None}
    if content.lstrip()[:1] not in {b"{", b"["}:
        return answer_table(read_table(content, COLUMNS), said)
    inputs = _as_written(content)
    inner = inputs.get("inputs")
    return answer({**(inner if isinstance(inner, dict) else inputs), **said})


def _designed(content: bytes, options: Mapping[str, Any]) -> dict[str, Any]:
    from aliquot.flow.quality.rules.moving import advice, columns  # SciPy, for those who ask

    read = read_columns(content, columns.COLUMNS)
    if lacking := [name for name in columns.COLUMNS if name not in read]:
        raise InputError(f"The table has no column {', '.join(lacking)}; needed are day and value.")
    history = columns.history_of(read["day"], read["value"], [int(line) for line in read[""]])
    return advice.advice(history, {name: options[name] for name in DESIGN if options.get(name) is not None})


def _content(file: str) -> bytes:
    found = read_content(file)
    if not found.strip():
        raise InputError("The input is empty: give one JSON object, or a table with a line of headings.")
    return found


def _as_written(content: bytes) -> dict[str, Any]:
    """Numbers as they are written, not as binary fractions."""
    return read_object(content, parse_float=Decimal)


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


def design_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The candidates as a table, the best first, and the detection curve of the best."""
    yield f"{found['results']} results of {found['days']} days, {found['first_day']} to {found['last_day']}"
    stated = f"{found['alarms_per_day']:g} false alarms a day"
    yield f"allowable error {_size(found, found['tea'])} ({found['error']}), {stated} permitted"
    yield "limits from the first two thirds of the days, all else from the last; ! is more than was permitted"
    yield ""
    yield f"{'monitor':<58}{'limits':>22}{'alarms/day':>12}{'MNPed':>8}{'P95':>8}{'missed':>9}"
    for one in found["candidates"]:
        limits = "{:.5g} - {:.5g}".format(*one["monitor"]["limits"])
        alarms = f"{one['false_alarms_per_day']:.3f}{' ' if one['keeps_rate'] else '!'}"
        yield f"{_monitor(one['monitor']):<58}{limits:>22}{alarms:>12}{_speed(one['slowest_at_tea'])}"
    yield from (f"{_monitor(one['monitor'])}: {one['text']}" for one in found["failed"])
    yield ""
    if found["best"] is None:
        yield "No monitor keeps the rate of false alarms and finds the allowable error."
        return
    yield f"Best: {_monitor(found['best']['monitor'])}"
    yield f"{'error':>10}{'ANPed':>9}{'MNPed':>8}{'P95':>8}{'missed':>9}"
    for point in found["best"]["curve"]:
        yield f"{_size(found, point['error']):>10}{point['ANPed']:>9.1f}{_speed(point)}"


def _size(found: Mapping[str, Any], size: float) -> str:
    return f"{size:.4g}" if found["error"] == "constant" else f"{100 * size:.4g} %"


def _monitor(one: Mapping[str, Any]) -> str:
    size = f"w {one['lam']:.3g}" if one["procedure"] == "ewma" else f"of {one['block']}"
    cut = "{} at {:.5g} and {:.5g}".format(one["treatment"], *one["truncation"]) if one["truncation"] else ""
    return f"{one['procedure']} {size} {cut}".rstrip()


def _speed(point: Mapping[str, Any]) -> str:
    median, late = ("-" if one is None else f"{one:.0f}" for one in (point["MNPed"], point["P95"]))
    return f"{median:>8}{late:>8}{point['undetected']:>9.1%}"


def _place(point: Mapping[str, Any]) -> str:
    return f"{point['run']}/{point['level']}"


def _signed(z: Decimal) -> str:
    return f"{z:+.2f}s"


def _text(value: Any) -> str:
    return as_json(value) if not isinstance(value, str) else value
