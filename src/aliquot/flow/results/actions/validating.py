"""Validate a rule set: its cases, then a stretch of history; and bring a new region its first rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from aliquot.flow.results.queries.replaying import History, book_of, count_history, numbers_of, tallied
from aliquot.flow.results.rules.backtest.report import make_report
from aliquot.flow.results.rules.backtest.tally import Tally
from aliquot.flow.verification.actions import (
    activate_rule_set,
    approve_rule_set,
    draft_rule_set,
    finish_validation,
    request_validation,
    sign_validation,
    start_validation,
    submit_rule_set,
)
from aliquot.flow.verification.models import RuleSetValidation, RuleSetVersion
from aliquot.flow.verification.queries import Checked, catalogue_facts, check_text, shipped_rules
from aliquot.flow.verification.rules.cases import Outcome, run_cases
from aliquot.foundation.actors import Actor, system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.registers.network.models import Site
from aliquot.registers.people.actions import DEMO_PASSWORD
from aliquot.registers.people.models import Person
from aliquot.registers.people.sign_in import actor_for

PREPARED = ("doctor", "director")


def validate(validation: RuleSetValidation, *, by: Actor, at: datetime) -> dict[str, Any] | None:
    """Run a validation in this process and keep its report; None when another process has it."""
    version, laboratory = validation.rule_set, validation.laboratory
    history = History(validation.since, validation.until, validation.laboratory_id)
    if not start_validation(validation, total=count_history(history), by=by, at=at):
        return None
    report = report_on(check_text(version.text, version.laboratory, at=at), history, laboratory)
    finish_validation(validation, report, by=by, at=at)
    return report


def report_on(checked: Checked, history: History, laboratory: Site | None) -> dict[str, Any]:
    """What these rules make of their cases and of a stretch of history; changes nothing."""
    tally = tallied(book_of(checked.rules), history)
    return report_of(checked, outcomes_of(checked, laboratory), tally, history, laboratory)


def outcomes_of(checked: Checked, laboratory: Site | None) -> list[Outcome]:
    """What comes of the cases of a text."""
    place, site = (laboratory.pk, laboratory.code) if laboratory else (0, "")
    return run_cases(checked.cases, checked.rules, catalogue_facts(), laboratory_id=place, site=site)


def report_of(
    checked: Checked,
    outcomes: Sequence[Outcome],
    tally: Tally,
    history: History,
    laboratory: Site | None,
) -> dict[str, Any]:
    """The report of what was counted."""
    return make_report(
        checked.rules,
        outcomes,
        tally,
        stated=checked.stated,
        since=history.since,
        until=history.until,
        laboratory=laboratory.code if laboratory else "",
        codes={one.test_id: one.code for one in catalogue_facts()},
        orders=numbers_of(tally),
    )


def adopt_rules(
    text: str, *, drafted_by: Actor, approved_by: Actor, password: str, at: datetime, untried: str = ""
) -> RuleSetVersion | None:
    """The network's first rules, by the steps that any other set takes: two people, cases, a signed report.

    For a demonstration, a measurement, a test. `untried` says why rules may go without a case. None when
    rules are in force already.
    """
    with acting(drafted_by, reason="the first rules of the network"):
        if RuleSetVersion.objects.filter(laboratory=None, active_from__isnull=False).exists():
            return None
        version = _drafted(text, by=drafted_by, at=at)
        submit_rule_set(version, by=drafted_by, at=at)
    with acting(approved_by, reason="the first rules of the network"), transaction.atomic():
        validation = request_validation(version, since=at, until=at, by=approved_by, at=at)
        report = validate(validation, by=approved_by, at=at)
        if report is None or report["cases"]["failed"]:
            raise Refused(f"cases of the rules fail: {_failed(report)}")
        sign_validation(
            validation, meaning="Validated on its cases", password=password, by=approved_by, at=at
        )
        approve_rule_set(version, reason="first rules", untried=untried, by=approved_by, at=at)
        activate_rule_set(version, since=at, reason="first rules", by=approved_by, at=at)
    return version


def adopt_as_prepared(*, at: datetime, text: str = "") -> RuleSetVersion | None:
    """The shipped rules, or these, put in force by the prepared doctor and director of the region."""
    with acting(system_actor("installation")):
        people = {one.username: actor_for(one) for one in Person.objects.filter(username__in=PREPARED)}
    doctor, director = (people[name] for name in PREPARED)
    rules = text or shipped_rules()
    # the rules as shipped bring a case for each; others are those of a measurement
    untried = "made for a measurement" if text else ""
    people_of = {"drafted_by": doctor, "approved_by": director}
    return adopt_rules(rules, **people_of, password=DEMO_PASSWORD, untried=untried, at=at)


def _drafted(text: str, *, by: Actor, at: datetime) -> RuleSetVersion:
    """The draft with this text that is there already, such as the one as shipped; else a new one."""
    drafts = RuleSetVersion.objects.filter(laboratory=None, state=RuleSetVersion.State.DRAFT, text=text)
    return drafts.first() or draft_rule_set(text, laboratory=None, note="first rules", by=by, at=at)


def _failed(report: dict[str, Any] | None) -> list[str]:
    outcomes = report["cases"]["outcomes"] if report else []
    return [f"{one['rule']}: {one['value']}" for one in outcomes if not one["passed"]]
