"""Rules of a test's own, put in force by the steps that any set takes."""

from datetime import datetime, timedelta

from django.db import transaction

from aliquot.flow.results.actions.validating import validate
from aliquot.flow.verification.actions import (
    activate_rule_set,
    approve_rule_set,
    draft_rule_set,
    request_validation,
    sign_validation,
    submit_rule_set,
)
from aliquot.flow.verification.queries import shipped_rules
from aliquot.foundation.context import acting
from aliquot.registers.people.actions import DEMO_PASSWORD
from tests.factories import NOW
from tests.regions import Region, one_with

CASES, AFTER_CASES = "# --- Cases:", "# --- Who is told"
SINCE = NOW - timedelta(days=1)
AGAIN_K = """
[[rule]]
code = "again-K"
kind = "rerun"
tests = ["K"]
when = "K > 5.0"
most = 2
agree_percent = 3
source = "a test"
"""
WANTS_INDEX = """
[[rule]]
code = "K-needs-index"
kind = "indices"
tests = ["K"]
index = "H"
suppress_from = 8
missing = "hold"
source = "test"
"""


def put_in_force(region: Region, rules: str, *, at: datetime = SINCE) -> None:
    """The shipped rules with these after them, drafted by a doctor and approved by the director.

    The shipped cases stay away: they say what becomes of a result without these rules.
    """
    doctor, director = one_with(region, "laboratory_doctor"), one_with(region, "hub_director")
    with acting(doctor):
        text = without_cases(shipped_rules()) + rules
        version = draft_rule_set(text, laboratory=None, note="a test", by=doctor, at=at)
        submit_rule_set(version, by=doctor, at=at)
    with acting(director), transaction.atomic():
        validation = request_validation(version, since=at, until=at, by=director, at=at)
        validate(validation, by=director, at=at)
        sign_validation(validation, meaning="Validated", password=DEMO_PASSWORD, by=director, at=at)
        approve_rule_set(version, reason="a test", untried="a test", by=director, at=at)
        activate_rule_set(version, since=at, reason="a test", by=director, at=at)


def without_cases(text: str) -> str:
    """The shipped text without its section of cases."""
    before, _, rest = text.partition(CASES)
    assert AFTER_CASES in rest
    return before + AFTER_CASES + rest.partition(AFTER_CASES)[2]
