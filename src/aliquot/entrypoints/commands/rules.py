"""Check, list, export, back-test and explain the rules of automatic release; try them on planted errors."""

import json
from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from aliquot.entrypoints.backtest.processes import PROCESSES, run_validation, tell
from aliquot.entrypoints.backtest.seeded.population import make_population
from aliquot.entrypoints.backtest.seeded.telling import told
from aliquot.entrypoints.backtest.seeded.trial import try_rules
from aliquot.flow.results.actions.validating import outcomes_of, report_of
from aliquot.flow.results.queries.replaying import History, book_of
from aliquot.flow.verification.actions.drafting import digest_of
from aliquot.flow.verification.models import RuleSetVersion
from aliquot.flow.verification.queries import catalogue_facts, check_text, shipped_rules, version_in_force
from aliquot.flow.verification.rules.document.reading import NETWORK
from aliquot.flow.verification.rules.explaining import applying
from aliquot.flow.verification.rules.population import Patient, age_in_days
from aliquot.foundation.context import acting
from aliquot.registers.network.models import Site
from aliquot.registers.people.sign_in import laboratories_actor

MALFORMED = 2
RESULTS, RATE, MOST_RATE = 100_000, 2.0, 20.0


class Command(BaseCommand):
    """`aliquot rules check|list|export|backtest|seeded|explain|validate`."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        todo = parser.add_subparsers(dest="todo", required=True)
        for name, add in SUBCOMMANDS.items():
            add(todo.add_parser(name))

    def handle(self, *_: Any, **options: Any) -> None:
        """Do it as the program itself, which sees all laboratories; nothing here changes a rule."""
        getattr(self, f"_{options['todo']}")(options)

    def _check(self, options: dict[str, Any]) -> None:
        text = _text(options["file"])
        with acting(laboratories_actor("validation")):
            scope = _site(options["laboratory"])
            checked = check_text(text, scope, at=timezone.now())
            outcomes = [] if checked.problems else outcomes_of(checked, scope)
        failed = [one for one in outcomes if not one.passed]
        for problem in checked.problems:
            place = f"{options['file']}:{problem.line}" if problem.line else options["file"]
            self.stdout.write(f"{place}: {problem}")
        for one in failed:
            said = ", ".join(reason.code for reason in one.verdict.reasons) or "no reason"
            self.stdout.write(
                f"{options['file']}: case of {one.case.rule}: {one.case.test} {one.case.value}: "
                f"{one.verdict.action} ({said})"
            )
        if checked.problems or failed:
            raise CommandError(
                f"{len(checked.problems)} mistakes, {len(failed)} cases fail", returncode=MALFORMED
            )
        self.stdout.write(f"{len(checked.rules)} rules and {len(outcomes)} cases are sound")

    def _list(self, options: dict[str, Any]) -> None:
        with acting(laboratories_actor("validation")):
            now = timezone.now()
            rows = [_row(one, now) for one in RuleSetVersion.objects.select_related("laboratory")]
        rows.sort(key=lambda row: (row["scope"] != "network", row["scope"], row["version"]))
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        for row in rows:
            since = row["active_from"] or ""
            words = (
                f"{row['scope']:<10} {row['version']:>3}  {row['state']:<10} {since:<25} {row['digest'][:12]}"
            )
            self.stdout.write(words)

    def _export(self, options: dict[str, Any]) -> None:
        with acting(laboratories_actor("validation")):
            scope = _site(options["laboratory"])
            kept = RuleSetVersion.objects.filter(laboratory=scope, version=options["version"]).first()
            found = (
                kept if options["version"] else version_in_force(scope.pk if scope else None, timezone.now())
            )
        if found is None:
            raise CommandError(
                "there is no such version; `aliquot rules list` names them", returncode=MALFORMED
            )
        self.stdout.write(found.text, ending="")

    def _backtest(self, options: dict[str, Any]) -> None:
        text, at, by = _text(options["rules"]), timezone.now(), laboratories_actor("validation")
        with acting(by):
            place = _site(options["laboratory"])
            scope = place if _code_of(text) == (place.code if place else None) else None
            checked = check_text(text, scope, at=at)
        if checked.problems:
            raise CommandError("\n".join(map(str, checked.problems)), returncode=MALFORMED)
        until = options["until"] or at
        history = History(options["since"], until, place.pk if place else None)
        began = perf_counter()
        counts = tell(text, scope, history, sites=by.sites, at=at, processes=options["processes"])
        seconds = perf_counter() - began
        with acting(by):
            report = report_of(checked, outcomes_of(checked, place), counts, history, place)
        report["seconds"] = round(seconds, 2)
        report["results_per_second"] = round(counts.decided / seconds)
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            self._tell(report)

    def _tell(self, report: dict[str, Any]) -> None:
        history, cases = report["history"], report["cases"]
        self.stdout.write(
            f"{history['decided']} results in {report['seconds']} s; before {history['before']}, "
            f"after {history['after']}; {cases['run']} cases, {cases['failed']} fail"
        )
        for one in history["changed"]:
            self.stdout.write(f"  {one['from']} -> {one['to']}: {one['count']:>8}  {one['cause']}")
        self.stdout.write("reasons (before, after):")
        for one in history["by_reason"]:
            self.stdout.write(f"  {one['code']:<28} {one['before']:>8} {one['after']:>8}")
        if report["never_fired"]:
            self.stdout.write("never fired: " + ", ".join(report["never_fired"]))

    def _seeded(self, options: dict[str, Any]) -> None:
        text = _text(options["rules"]) if options["rules"] else shipped_rules()
        with acting(laboratories_actor("validation")):
            checked = check_text(text, _site(_code_of(text) or ""), at=timezone.now())
            if checked.problems:
                raise CommandError("\n".join(map(str, checked.problems)), returncode=MALFORMED)
            book, facts = book_of(checked.rules), {one.code: one for one in catalogue_facts()}
        seed, rate = options["seed"], options["rate"]
        population = make_population(seed, options["results"], facts, rate=rate)
        report = {"seed": seed, "rate_percent": rate, "rules": digest_of(text)}
        report |= try_rules(population, book)
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(told(report)))

    def _explain(self, options: dict[str, Any]) -> None:
        with acting(laboratories_actor("validation")):
            scope = _site(options["laboratory"])
            now = timezone.now()
            kept = version_in_force(scope.pk if scope else None, now) or version_in_force(None, now)
            if kept is None:
                raise CommandError("no rule set is active: every result waits", returncode=MALFORMED)
            checked = check_text(kept.text, kept.laboratory, at=now)
        patient = Patient(
            sex=options["sex"],
            age_days=age_in_days(options["age"]),
            ward=options["ward"],
            site=scope.code if scope else "",
            diagnosis=options["diagnosis"],
            is_pregnant=options["pregnant"],
            urgency=options["urgency"],
        )
        for one in applying(checked.rules, checked.provenance, options["test"], patient):
            mark = f"  (overruled by {one.overruled})" if one.overruled else ""
            reason = f": {one.reason}" if one.reason else ""
            self.stdout.write(f"{one.rule.kind:<12} {one.rule.code:<28} {one.origin}{reason}{mark}")
            self.stdout.write(f"{'':<12} {one.rule.source}")

    def _validate(self, options: dict[str, Any]) -> None:
        if not run_validation(options["id"], processes=options["processes"]):
            raise CommandError("this validation is running or done already")


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise CommandError(f"{path}: {fault}", returncode=MALFORMED) from fault


def _site(code: str) -> Site | None:
    if code in ("", NETWORK):
        return None
    found = Site.objects.filter(code=code).first()
    if found is None:
        raise CommandError(f"there is no site {code}", returncode=MALFORMED)
    return found


def _code_of(text: str) -> str | None:
    import tomllib

    try:
        return str(tomllib.loads(text)["rule_set"]["code"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return None


def _row(one: RuleSetVersion, now: datetime) -> dict[str, Any]:
    return {
        "scope": one.title,
        "version": one.version,
        "state": one.stage_at(now),
        "active_from": one.active_from.isoformat() if one.active_from else None,
        "active_until": one.active_until.isoformat() if one.active_until else None,
        "drafted_by": one.drafted_by,
        "approved_by": one.approved_by,
        "digest": one.digest,
    }


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo("UTC")).astimezone(UTC)


def _add_place(parser: ArgumentParser) -> None:
    parser.add_argument("--laboratory", default="", metavar="CODE", help="of this site; else of the network")


def _add_check(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a rule set as TOML")
    _add_place(parser)


def _add_list(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON list")


def _add_export(parser: ArgumentParser) -> None:
    _add_place(parser)
    parser.add_argument(
        "--version-number", dest="version", type=int, default=0, metavar="N", help="not the active one"
    )


def _add_backtest(parser: ArgumentParser) -> None:
    parser.add_argument("--rules", required=True, metavar="FILE", help="a rule set as TOML")
    parser.add_argument("--since", required=True, type=_moment, metavar="WHEN", help="first moment, ISO 8601")
    parser.add_argument("--until", type=_moment, metavar="WHEN", help="end of the stretch; else now")
    parser.add_argument("--json", action="store_true", help="the whole report as one JSON object")
    _add_place(parser)
    _add_processes(parser)


def _add_seeded(parser: ArgumentParser) -> None:
    parser.add_argument("--rules", default="", metavar="FILE", help="a rule set as TOML; else as shipped")
    parser.add_argument("--results", type=_count, default=RESULTS, metavar="N", help="made up; 100000")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same makes the same; 1")
    parser.add_argument(
        "--rate", type=_share, default=RATE, metavar="P", help="percent of orders with each kind of error; 2"
    )
    parser.add_argument("--json", action="store_true", help="all figures as one JSON object")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is no number of results: at least 1")
    return int(text)


def _share(text: str) -> float:
    found = float(text)
    if not 0 <= found <= MOST_RATE:
        raise ArgumentTypeError(f"{text} is no share: from 0 to {MOST_RATE} percent")
    return found


def _add_processes(parser: ArgumentParser) -> None:
    parser.add_argument("--processes", type=int, default=PROCESSES, metavar="N", help="so many at once")


def _add_explain(parser: ArgumentParser) -> None:
    parser.add_argument("--test", required=True, metavar="CODE")
    _add_place(parser)
    parser.add_argument("--sex", choices=("F", "M", "U"), default="U")
    parser.add_argument("--age", default="", metavar="AGE", help='such as "34a", "6mo", "3d"')
    parser.add_argument("--ward", default="")
    parser.add_argument("--diagnosis", default="", metavar="ICD")
    parser.add_argument("--pregnant", action=BooleanOptionalAction)
    parser.add_argument("--urgency", choices=("R", "S"), default="R")


def _add_validate(parser: ArgumentParser) -> None:
    parser.add_argument("id", type=int, metavar="ID", help="of a validation that was asked for on a page")
    _add_processes(parser)


SUBCOMMANDS: dict[str, Callable[[ArgumentParser], None]] = {
    "check": _add_check,
    "list": _add_list,
    "export": _add_export,
    "backtest": _add_backtest,
    "seeded": _add_seeded,
    "explain": _add_explain,
    "validate": _add_validate,
}
