"""What was corrected or taken back: in the report, as FHIR, on paper, and told until it is acknowledged."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from aliquot.config.reactions import REACTIONS
from aliquot.flow.exchange.rules.diagnostic_report import diagnostic_report, observations
from aliquot.flow.reports.actions import (
    acknowledge_notice,
    attempt_notice,
    phone_notice,
    release_reports,
    see_notice,
)
from aliquot.flow.reports.documents.rendering import lay_out_in, render
from aliquot.flow.reports.models import Notice, Report
from aliquot.flow.reports.queries import (
    concerned_by,
    corrections_of,
    count_concerned,
    notices_open,
    notices_to_take,
    reported_rows,
    versions_of,
)
from aliquot.flow.results.actions import (
    Then,
    amend_result,
    autoverify_batch,
    enter_result,
    open_look_back,
    release_again,
    release_results,
    withdraw_results,
)
from aliquot.flow.results.models import LookBackStep, Result
from aliquot.flow.results.rules.look_back import Criteria
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import claim_events
from tests.factories import NOW, make_accepted, make_order, make_result
from tests.regions import Region, one_with

LATER = NOW + timedelta(minutes=20)


@pytest.fixture
def physician(region: Region) -> Actor:
    return one_with(region, "nurse", region.clinic)


def react(region: Region, at: datetime) -> None:
    """Work off what was recorded, as the worker does."""
    with acting(region.worker):
        for kind, job in REACTIONS.items():
            if found := claim_events(kind, limit=1000):
                job(found, at)


def reported(
    region: Region, value: str = "5.0", minutes: int = 0, code: str = "GLUS", **changes: Any
) -> Result:
    at = NOW + timedelta(minutes=minutes)
    result = make_result(region, make_accepted(region, code, **changes), code, value, measured_at=at)
    autoverify_batch(limit=1000, by=region.worker, at=NOW)
    react(region, NOW)
    result.refresh_from_db()
    assert result.state == "released"
    return result


def newest(result: Result) -> Report:
    found = versions_of(result.order).first()
    assert found is not None
    return found


def said(report: Report) -> dict[str, object]:
    [one] = report.content["sections"][0]["results"]
    return dict(one)


def words_of(report: Report, language: str = "en") -> str:
    return str(lay_out_in(report.content, language)["sections"])


def test_an_amendment_is_told_and_acknowledged(region: Region, doctor: Actor, physician: Actor) -> None:
    result = reported(region)
    with acting(doctor):
        amend_result(result, "6.6", reason="dilution slip", by=doctor, at=LATER)
    react(region, LATER)
    with acting(physician):
        [notice] = notices_to_take(region.clinic.pk)
        assert (notice.reason, notice.due_at - notice.told_at) == ("dilution slip", timedelta(hours=24))
        [one] = corrections_of(notice)
        assert (one.old["value"], one.new["value"]) == ("5.0", "6.6")
        see_notice(notice, by=physician, at=LATER)
        assert acknowledge_notice(notice, by=physician, at=LATER) == 1
        assert (notice.seen_by, notice.acknowledged_by) == (physician.key, physician.key)
        with pytest.raises(Refused, match="already"):
            acknowledge_notice(notice, by=physician, at=LATER)
        assert newest(result).seen_by == physician.key
        assert not notices_to_take(region.clinic.pk).exists()
    with acting(doctor):
        assert not notices_open(region.hub.pk).exists()


def test_the_first_report_and_an_added_test_tell_of_no_correction(region: Region) -> None:
    reported(region)
    assert not Notice.objects.exists()


def test_an_urgent_correction_is_due_sooner(region: Region, doctor: Actor) -> None:
    result = reported(region, order=make_order(region, "GLUS", urgency="S"))
    with acting(doctor):
        amend_result(result, "6.6", reason="dilution slip", by=doctor, at=LATER)
    react(region, LATER)
    [notice] = Notice.objects.all()
    assert notice.due_at == LATER + timedelta(hours=1)


def test_the_laboratory_telephones_when_nobody_acknowledges(
    region: Region, doctor: Actor, physician: Actor
) -> None:
    result = reported(region)
    with acting(doctor):
        amend_result(result, "6.6", reason="dilution slip", by=doctor, at=LATER)
    react(region, LATER)
    with acting(doctor):
        [notice] = notices_open(region.hub.pk)
        with pytest.raises(Refused, match="whom you tried"):
            attempt_notice(notice, " ", by=doctor, at=LATER)
        attempt_notice(notice, "ward, no answer", by=doctor, at=LATER)
        with pytest.raises(Refused, match="who was told"):
            phone_notice(notice, "", by=doctor, at=LATER)
        phone_notice(notice, "Dr. Lugovoy", by=doctor, at=LATER)
        assert (notice.told_to, notice.acknowledged_by) == ("Dr. Lugovoy", doctor.key)
        assert [one.was_reached for one in notice.attempts.order_by("id")] == [False, True]
        with pytest.raises(Forbidden):
            acknowledge_notice(notice, by=doctor, at=LATER)
    with acting(physician), pytest.raises(Forbidden):
        attempt_notice(notice, "from the clinic", by=physician, at=LATER)


def test_a_later_correction_settles_the_earlier_notice(
    region: Region, doctor: Actor, physician: Actor
) -> None:
    result = reported(region)
    for value in ("6.6", "6.7"):
        with acting(doctor):
            result = amend_result(result, value, reason="again", by=doctor, at=LATER)
        react(region, LATER)
    with acting(physician):
        first, second = notices_to_take(region.clinic.pk)
        assert acknowledge_notice(second, by=physician, at=LATER) == 2
        first.refresh_from_db()
        assert first.acknowledged_by == physician.key


def test_a_withdrawn_value_is_never_the_value_again(region: Region, doctor: Actor) -> None:
    result = reported(region)
    with acting(doctor):
        withdraw_results([result.pk], reason="swapped tube", then=Then.NOT_PERFORMED, by=doctor, at=LATER)
    react(region, LATER)
    report = newest(result)
    one = said(report)
    assert (report.kind, one["status"]) == ("corrected", "withdrawn")
    assert "value" not in one
    for language, words in (("en", "WITHDRAWN, DO NOT USE"), ("ru", "ОТОЗВАНО, НЕ ИСПОЛЬЗОВАТЬ")):
        page = words_of(report, language)
        assert words in page
        assert "swapped tube" in page
        assert render(report.content, language).startswith(b"%PDF")
    [observation] = observations(report.content)
    assert observation["status"] == "entered-in-error"
    assert "valueQuantity" not in observation
    assert "do not use" in observation["note"][0]["text"]
    assert diagnostic_report(report.content, report_id=1)["status"] == "entered-in-error"
    assert Notice.objects.get().reason == "swapped tube"


def test_a_value_after_a_withdrawn_one_shows_both(region: Region, doctor: Actor) -> None:
    result = reported(region)
    with acting(doctor):
        withdraw_results([result.pk], reason="swapped tube", then=Then.OPEN, by=doctor, at=LATER)
        react(region, LATER)
        assert said(newest(result))["status"] == "withdrawn"
        new = enter_result(result.order_item, "6.1", by=doctor, at=LATER)
        release_results([new.pk], by=doctor, at=LATER)
    react(region, LATER)
    one = said(newest(result))
    assert (one["status"], one["value"]) == ("amended", "6.1")
    assert "WITHDRAWN, DO NOT USE" in words_of(newest(result))
    told = [note.reason for note in Notice.objects.order_by("id")]
    assert told == ["swapped tube", "swapped tube"]


def test_a_recall_is_one_notice_for_all_patients_of_a_site(
    region: Region, doctor: Actor, physician: Actor
) -> None:
    results = [reported(region, minutes=minute) for minute in range(3)]
    elsewhere = reported(region, site=region.other_clinic)
    criteria = Criteria(
        analyzer_id=results[0].analyzer_id, since=NOW - timedelta(minutes=1), until=NOW + timedelta(hours=1)
    )
    with acting(doctor):
        look_back = open_look_back(criteria, region.hub, reason="lamp failed", by=doctor, at=LATER)
    react(region, LATER)
    assert said(newest(results[0]))["status"] == "investigated"
    assert "UNDER INVESTIGATION" in words_of(newest(results[0]))
    with acting(physician):
        [notice] = notices_to_take(region.clinic.pk)
        assert notice.step is not None
        assert (notice.step.kind, notice.reason) == ("recalled", "lamp failed")
        assert notice.due_at == LATER + timedelta(hours=1)
        assert {row.result_id for row in concerned_by(notice)} == {one.pk for one in results}
        assert count_concerned(notice) == (3, 3)
        acknowledge_notice(notice, by=physician, at=LATER)
    with acting(doctor):
        assert [one.ordering_site_id for one in notices_open(region.hub.pk)] == [elsewhere.ordering_site_id]
        [row] = reported_rows([results[0].pk])
        assert (row.version, row.state) == (2, "recalled")
        release_again(look_back, reason="repeats agree", by=doctor, at=LATER)
    react(region, LATER)
    free = said(newest(results[0]))
    assert (free["status"], free["value"]) == ("final", "5.0")
    assert "INVESTIGATED AND CONFIRMED" in words_of(newest(results[0]))
    assert diagnostic_report(newest(results[0]).content, report_id=1)["status"] == "amended"
    with acting(physician):
        [outcome] = notices_to_take(region.clinic.pk)
        assert outcome.step is not None
        assert outcome.step.kind == LookBackStep.Kind.RELEASED_AGAIN
    assert Notice.objects.count() == 4


def test_the_other_clinic_sees_nothing_of_it(region: Region, doctor: Actor) -> None:
    result = reported(region)
    with acting(doctor):
        amend_result(result, "6.6", reason="dilution slip", by=doctor, at=LATER)
    react(region, LATER)
    stranger = one_with(region, "nurse", region.other_clinic)
    with acting(stranger):
        assert not Notice.objects.exists()
    assert Notice.objects.count() == 1


def test_the_same_event_twice_makes_one_notice(region: Region, doctor: Actor) -> None:
    result = reported(region)
    with acting(doctor):
        amend_result(result, "6.6", reason="dilution slip", by=doctor, at=LATER)
    react(region, LATER)
    with acting(region.worker):
        release_reports([result.order_id], by=region.worker, at=LATER)
    assert Notice.objects.count() == 1
