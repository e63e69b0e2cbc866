"""Audits whose findings open nonconformities, the register of risks, failures that open one by themselves."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from aliquot.config.reactions import REACTIONS
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.queries import due_subjects
from aliquot.oversight.improvement.actions import (
    Hazard,
    accept_risk,
    add_control,
    answer_item,
    begin_audit,
    cancel_audit,
    enter_risk,
    link_risk,
    open_for_failures,
    plan_audit,
    rate_risk,
    report_audit,
    retire_risk,
    review_risk,
)
from aliquot.oversight.improvement.models import Audit, AuditItem, Nonconformity, Risk
from aliquot.oversight.improvement.queries import (
    audit_of,
    audits_of,
    items_of,
    questions,
    risk_of,
    risks_of,
    subject_of,
)
from aliquot.oversight.improvement.rules.risks import Level, Rating
from aliquot.oversight.proficiency.actions import close_round, submit_results
from aliquot.oversight.proficiency.models import FailureCase, ProficiencyRound
from tests.factories import NOW
from tests.oversight.improvement.made import TODAY, WEEK, make_raised
from tests.oversight.proficiency.made import AFTERWARDS, make_returned, make_round, make_stage
from tests.oversight.proficiency.made import items_of as items_in
from tests.regions import Region, one_with


def make_audit(region: Region, count: int = 2) -> Audit:
    by = one_with(region, "quality_manager")
    with acting(by):
        return plan_audit(region.hub, "Reception", "A. Ivanova", TODAY, questions()[:count], by=by, at=NOW)


def make_risk(region: Region, **changes: Any) -> Risk:
    by = one_with(region, "quality_manager")
    facts = {
        "step": "collection",
        "hazard": "two patients of one name",
        "harm": "another's result",
        "rating": Rating(4, 3),
        "review_on": TODAY + WEEK,
        **changes,
    }
    with acting(by):
        return enter_risk(region.hub, Hazard(**facts), by=by, at=NOW)


class TestAudits:
    def test_a_finding_opens_a_nonconformity_and_the_report_waits_for_all_answers(
        self, region: Region
    ) -> None:
        audit, by = make_audit(region), one_with(region, "quality_manager")
        with acting(by):
            first, second = items_of(audit.pk)
            with pytest.raises(Refused, match="not under way"):
                answer_item(first.pk, "conforms", "seen", by=by, at=NOW)
            begin_audit(audit.pk, by=by, at=NOW)
            answer_item(first.pk, "conforms", "ten tubes looked at", by=by, at=NOW)
            with pytest.raises(Refused, match="every question"):
                report_audit(audit.pk, "good", by=by, at=NOW)
            found = answer_item(second.pk, "major", "no list of risks", by=by, at=NOW)
            row = found.nonconformity
            assert row is not None
            assert (row.source, row.severity, row.subject_id) == ("audit_finding", 4, second.pk)
            subject = subject_of("audit_finding", second.pk)
            assert subject is not None
            assert subject.key == str(audit.pk)
            with pytest.raises(Refused) as fault:
                report_audit(audit.pk, " ", by=by, at=NOW)
            assert set(fault.value.fields) == {"summary"}
            report_audit(audit.pk, "one major finding", by=by, at=NOW)
            listed = audits_of(region.hub.pk)[0]
            assert (listed.row.state, listed.total, listed.answered, listed.failed) == ("reported", 2, 2, 1)

    def test_an_answer_stays(self, region: Region) -> None:
        audit, by = make_audit(region, 1), one_with(region, "quality_manager")
        with acting(by):
            begin_audit(audit.pk, by=by, at=NOW)
            item = answer_item(items_of(audit.pk)[0].pk, "minor", "one label", by=by, at=NOW)
            with pytest.raises(Refused, match="answered already"):
                answer_item(item.pk, "conforms", "no", by=by, at=NOW)
            with pytest.raises(IntegrityError, match="settled"), transaction.atomic():
                AuditItem.objects.filter(pk=item.pk).update(evidence="nothing")

    def test_what_is_reported_stands(self, region: Region) -> None:
        audit, by = make_audit(region, 2), one_with(region, "quality_manager")
        with acting(by):
            with pytest.raises(IntegrityError, match="under way"), transaction.atomic():
                AuditItem.objects.filter(audit=audit).update(evidence="before it began")
            begin_audit(audit.pk, by=by, at=NOW)
            for item in items_of(audit.pk):
                answer_item(item.pk, "conforms", "ten labels", by=by, at=NOW)
            report_audit(audit.pk, "all is well", by=by, at=NOW)
            with pytest.raises(IntegrityError, match="settled"), transaction.atomic():
                Audit.objects.filter(pk=audit.pk).update(summary="better still")

    def test_one_is_given_up_with_a_reason(self, region: Region) -> None:
        audit, by = make_audit(region), one_with(region, "quality_manager")
        with acting(by):
            cancel_audit(audit.pk, "the auditor left", by=by, at=NOW)
            with pytest.raises(Refused, match="given up"):
                begin_audit(audit.pk, by=by, at=NOW)

    @pytest.mark.parametrize(
        ("scope", "auditor", "count", "field"),
        [("", "A", 1, "scope"), ("R", " ", 1, "auditor"), ("R", "A", 0, "clauses")],
    )
    def test_what_is_missing_is_named(
        self, region: Region, scope: str, auditor: str, count: int, field: str
    ) -> None:
        by = one_with(region, "quality_manager")
        with acting(by), pytest.raises(Refused) as fault:
            plan_audit(region.hub, scope, auditor, TODAY, questions()[:count], by=by, at=NOW)
        assert set(fault.value.fields) == {field}

    def test_an_audit_is_seen_in_its_laboratory_alone(self, region: Region) -> None:
        audit = make_audit(region)
        with acting(one_with(region, "technologist", region.sites["TUL-NOV"])):
            assert audit_of(audit.pk) is None
        by = one_with(region, "technologist", region.hub)
        with acting(by), pytest.raises(Forbidden, match="manage quality"):
            begin_audit(audit.pk, by=by, at=NOW)


class TestRisks:
    def test_a_risk_is_controlled_rated_accepted_and_reviewed(self, region: Region) -> None:
        risk, by = make_risk(region), one_with(region, "quality_manager")
        with acting(by):
            with pytest.raises(Refused, match="Rate first"):
                accept_risk(risk.pk, "fine", by=by, at=NOW)
            add_control(risk.pk, "name and birth date are confirmed", "docs/safety.md", by=by, at=NOW)
            rate_risk(risk.pk, Rating(4, 1), "none in a year", by=by, at=NOW)
            accept_risk(risk.pk, "as low as it can be", by=by, at=NOW)
            review_risk(risk.pk, "still none", TODAY + 2 * WEEK, by=by, at=NOW)
            found = risk_of(risk.pk)
            assert found is not None
            assert (found.state, found.review_on) == ("accepted", TODAY + 2 * WEEK)
            assert (found.before.level, found.after and found.after.level) == (Level.MEDIUM, Level.LOW)
            assert [one.is_after for one in found.ratings.order_by("id")] == [False, True, True]
            rate_risk(risk.pk, Rating(4, 2), "one near miss", by=by, at=NOW)
            found.refresh_from_db()
            assert found.state == "open"

    def test_a_medium_one_is_accepted_by_the_director_alone(self, region: Region) -> None:
        risk = make_risk(region, rating=Rating(5, 3))
        by, director = one_with(region, "quality_manager"), one_with(region, "hub_director")
        with acting(by):
            add_control(risk.pk, "a second reader", "", by=by, at=NOW)
            rate_risk(risk.pk, Rating(5, 2), "better", by=by, at=NOW)
            with pytest.raises(Refused, match="director alone"):
                accept_risk(risk.pk, "better", by=by, at=NOW)
        with acting(director):
            assert accept_risk(risk.pk, "better", by=director, at=NOW).state == "accepted"

    def test_what_is_gone_stays_gone(self, region: Region) -> None:
        risk, by = make_risk(region), one_with(region, "quality_manager")
        other = make_risk(region, hazard="a box falls", rating=Rating(1, 1))
        with acting(by):
            retire_risk(risk.pk, "no paper is used any more", by=by, at=NOW)
            assert risks_of(region.hub.pk) == [other, risk]
            with pytest.raises(Refused, match="enter it anew"):
                add_control(risk.pk, "x", "", by=by, at=NOW)
            with pytest.raises(IntegrityError, match="settled"), transaction.atomic():
                Risk.objects.filter(pk=risk.pk).update(decision="no")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [({"hazard": ""}, "hazard"), ({"harm": " "}, "harm"), ({"step": "x"}, "step")],
    )
    def test_what_is_missing_is_named(self, region: Region, changes: dict[str, Any], field: str) -> None:
        with pytest.raises(Refused) as fault:
            make_risk(region, **changes)
        assert set(fault.value.fields) == {field}

    def test_a_rating_is_one_to_five_and_a_review_lies_ahead(self, region: Region) -> None:
        with pytest.raises(Refused, match="1 to 5"):
            make_risk(region, rating=Rating(0, 6))
        risk, by = make_risk(region), one_with(region, "quality_manager")
        with acting(by):
            with pytest.raises(Refused, match="1 to 5"):
                rate_risk(risk.pk, Rating(6, 1), "x", by=by, at=NOW)
            with pytest.raises(Refused, match="still to come"):
                review_risk(risk.pk, "x", TODAY - timedelta(days=1), by=by, at=NOW)

    def test_a_nonconformity_is_an_event_of_a_risk(self, region: Region) -> None:
        risk, row, by = make_risk(region), make_raised(region), one_with(region, "quality_manager")
        with acting(by):
            link_risk(row.pk, risk, by=by, at=NOW)
            assert [one.pk for one in risk.nonconformities.all()] == [row.pk]


class TestFailures:
    def test_a_failed_item_opens_one_by_itself_once(self, region: Region) -> None:
        stage = make_stage(region)
        found = make_round(stage)
        item = items_in(found)[0]
        make_returned(stage, item, "5.9")
        with acting(stage.at_spoke):
            submit_results(found, stage.spoke, by=stage.at_spoke, at=NOW)
        with acting(stage.manager):
            close_round(ProficiencyRound.objects.get(pk=found.pk), by=stage.manager, at=AFTERWARDS)
        with acting(region.worker):
            due = due_subjects("eqa_failed", limit=10)
            REACTIONS["eqa_failed"](due, AFTERWARDS)
            opened = Nonconformity.objects.filter(source="eqa_failure").order_by("id")
            assert {one.subject_id for one in opened} == set(due)
            row = opened.get(laboratory=stage.spoke)
            assert "2026-11 / S1 / GLUS" in row.reference
            assert "z = 4.5" in row.what
            assert row.raised_by == region.worker.key
            assert open_for_failures(due, by=region.worker, at=AFTERWARDS) == 0
        with acting(stage.at_spoke):
            case = FailureCase.objects.get(laboratory=stage.spoke)
            subject = subject_of("eqa_failure", case.pk)
            assert subject is not None
            assert subject.laboratory_id == stage.spoke.pk
