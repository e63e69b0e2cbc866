"""How an audit goes, what raises a nonconformity, what keeps it from its report; causes in order."""

import pytest

from aliquot.oversight.improvement.models import Audit, AuditItem
from aliquot.oversight.improvement.queries import questions
from aliquot.oversight.improvement.rules.audits import SEVERITY, STEPS, may_step, raises, why_not_reported
from aliquot.oversight.improvement.rules.pareto import Column, pareto


def test_an_audit_is_reported_only_when_it_was_begun() -> None:
    assert may_step("planned", "under_way")
    assert not may_step("planned", "reported")
    assert not may_step("reported", "under_way")
    assert set(STEPS) | {to for one in STEPS.values() for to in one} == set(Audit.State.values)


@pytest.mark.parametrize("verdict", AuditItem.Verdict.values)
def test_minor_and_major_findings_raise_a_nonconformity(verdict: str) -> None:
    assert raises(verdict) is (verdict in {"minor", "major"})
    assert SEVERITY["major"] > SEVERITY["minor"]


@pytest.mark.parametrize(
    ("verdicts", "summary", "why"),
    [
        ([], "good", "empty"),
        (["conforms", ""], "good", "unanswered"),
        (["conforms"], "  ", "summary"),
        (["conforms", "minor"], "good", ""),
    ],
)
def test_what_keeps_an_audit_from_its_report(verdicts: list[str], summary: str, why: str) -> None:
    assert why_not_reported(verdicts, summary) == why


def test_the_checklist_asks_in_both_languages_and_each_clause_once() -> None:
    asked = questions()
    assert len({one.clause for one in asked}) == len(asked) > 20
    assert all(one.en.endswith("?") and one.ru.endswith("?") for one in asked)


def test_the_vital_few_come_first() -> None:
    assert pareto({"method": 1, "people": 2, "equipment": 1, "material": 0}) == (
        Column("people", 2, 0.5),
        Column("equipment", 1, 0.75),
        Column("method", 1, 1.0),
    )
    assert pareto({}) == ()
