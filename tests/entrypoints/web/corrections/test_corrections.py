"""The pages of corrections: to acknowledge, to telephone, to look back, to withdraw, in both languages."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from aliquot.config.reactions import REACTIONS
from aliquot.entrypoints.web.corrections.views import look_backs
from aliquot.flow.reports.models import Notice
from aliquot.flow.results.actions import amend_result, autoverify_batch, do_task, start_task
from aliquot.flow.results.models import LookBack, LookBackTask, Result
from aliquot.foundation.context import acting
from aliquot.foundation.events.actions import claim_events
from aliquot.registers.patients.models import AccessEntry
from tests.factories import NOW, make_accepted, make_result
from tests.regions import Region, one_with
from tests.web import signed_in


def react(region: Region, *, ago: timedelta = timedelta(0)) -> None:
    with acting(region.worker):
        for kind, job in REACTIONS.items():
            if found := claim_events(kind, limit=1000):
                job(found, timezone.now() - ago)


def reported(region: Region) -> Result:
    result = make_result(region, make_accepted(region, "GLUS"), "GLUS", "5.0")
    with acting(region.worker):
        autoverify_batch(limit=100, by=region.worker, at=NOW)
    react(region)
    return result


def amended(region: Region, *, ago: timedelta = timedelta(0)) -> Notice:
    result = reported(region)
    doctor = one_with(region, "laboratory_doctor", region.hub)
    with acting(doctor):
        amend_result(
            Result.objects.get(pk=result.pk), "6.6", reason="dilution slip", by=doctor, at=timezone.now()
        )
    react(region, ago=ago)
    with acting(region.worker):
        return Notice.objects.get()


def query(region: Region, result: Result) -> str:
    return f"/corrections/look-backs/new/?analyzer={result.analyzer_id}&since=2026-11-22T00:00&until=2026-11-23T00:00"


def state_of(region: Region, result: Result) -> str:
    with acting(region.worker):
        return Result.objects.get(pk=result.pk).state


@pytest.mark.parametrize(
    ("language", "old", "new"), [("en", "5.0 mmol/L", "6.6 mmol/L"), ("ru", "5,0 ммоль/л", "6,6 ммоль/л")]
)
def test_the_recipient_sees_old_and_new_and_acknowledges(
    region: Region, language: str, old: str, new: str
) -> None:
    notice = amended(region)
    nurse = signed_in("nurse", language=language)
    page = nurse.get("/corrections/", follow=True).content.decode()
    assert old in page
    assert new in page
    assert "dilution slip" in page
    assert nurse.get(f"/corrections/to-acknowledge/{notice.pk}/").status_code == 200
    answer = nurse.post(f"/corrections/to-acknowledge/{notice.pk}/acknowledge/", follow=True)
    assert "dilution slip" not in answer.content.decode()
    again = nurse.post(f"/corrections/to-acknowledge/{notice.pk}/acknowledge/")
    assert again.status_code == 422


def test_the_laboratory_sees_who_has_not_acknowledged_and_telephones(region: Region) -> None:
    notice = amended(region)
    doctor = signed_in("doctor")
    assert "told, not seen" in doctor.get("/corrections/told/").content.decode()
    address = f"/corrections/told/{notice.pk}/"
    assert doctor.get(address).status_code == 200
    assert doctor.post(address, {"reached": "1", "told_to": ""}).status_code == 422
    assert doctor.post(address, {"note": "no answer"}).status_code == 302
    assert "1 try" in doctor.get("/corrections/told/").content.decode()
    assert doctor.post(address, {"reached": "1", "told_to": "Dr. Lugovoy"}).status_code == 302
    assert "by telephone: Dr. Lugovoy" in doctor.get("/corrections/told/").content.decode()


def test_look_back_from_analyzer_and_interval_to_release_again(region: Region) -> None:
    result = reported(region)
    doctor = signed_in("doctor")
    assert doctor.get("/corrections/look-backs/").status_code == 200
    assert doctor.get("/corrections/look-backs/new/").status_code == 200
    page = doctor.get(query(region, result)).content.decode()
    assert "1 result" in page
    assert 'class="chart doubt"' in page
    assert result.order.number in page
    assert doctor.post(query(region, result), {"reason": " "}).status_code == 422
    assert state_of(region, result) == "released"
    made = doctor.post(query(region, result), {"reason": "lamp failed"})
    with acting(region.worker):
        number = LookBack.objects.get().pk
    assert made.headers["Location"] == f"/corrections/look-backs/{number}/"
    assert state_of(region, result) == "recalled"
    shown = doctor.get(made.headers["Location"]).content.decode()
    assert "under investigation" in shown
    react(region)
    told = signed_in("nurse").get("/corrections/", follow=True).content.decode()
    assert f"Look-back {number}" in told
    assert doctor.post(made.headers["Location"], {"step": "close", "reason": "done"}).status_code == 422
    answer = doctor.post(
        made.headers["Location"], {"step": "release", "reason": "fine", "result": [result.pk]}
    )
    assert answer.status_code == 302
    assert state_of(region, result) == "released"
    assert doctor.post(made.headers["Location"], {"step": "close", "reason": "done"}).status_code == 302
    assert signed_in("doctor", language="ru").get(made.headers["Location"]).status_code == 200


def test_too_wide_is_refused_in_words(region: Region) -> None:
    answer = signed_in("doctor").get("/corrections/look-backs/new/?specimen=&order=&reagent_lot=")
    assert answer.status_code == 422
    assert "Name an analyzer" in answer.content.decode()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_result_is_withdrawn_with_a_reason(region: Region, language: str) -> None:
    result = reported(region)
    doctor = signed_in("doctor", language=language)
    address = f"/corrections/results/{result.pk}/withdraw/"
    assert ("5.0 mmol/L", "5,0 ммоль/л")[language == "ru"] in doctor.get(address).content.decode()
    assert doctor.post(address, {"reason": "", "then": "open"}).status_code == 422
    answer = doctor.post(address, {"reason": "swapped", "then": "not_performed"}, follow=True)
    assert answer.status_code == 200
    assert state_of(region, result) == "withdrawn"
    react(region)
    page = signed_in("nurse", language=language).get(f"/reports/{result.order.number}/").content.decode()
    assert ("WITHDRAWN, DO NOT USE", "ОТОЗВАНО, НЕ ИСПОЛЬЗОВАТЬ")[language == "ru"] in page
    assert "swapped" in page


def test_each_page_is_for_its_people(region: Region) -> None:
    notice = amended(region)
    nurse, courier = signed_in("nurse"), signed_in("courier")
    for address in ("/corrections/told/", "/corrections/look-backs/", "/corrections/look-backs/new/"):
        assert nurse.get(address).status_code == 403
    for address in ("/corrections/", "/corrections/to-acknowledge/"):
        assert courier.get(address).status_code == 403
    assert nurse.get("/corrections/to-acknowledge/999999/").status_code == 404
    assert stranger(region).get(f"/corrections/to-acknowledge/{notice.pk}/").status_code == 404
    assert signed_in("doctor").get("/corrections/look-backs/999999/").status_code == 404
    assert signed_in("doctor").get("/corrections/results/999999/withdraw/").status_code == 404


def stranger(region: Region) -> Client:
    """Somebody of another clinic."""
    names = [name for name, actor in region.people.items() if actor.site_id == region.other_clinic.pk]
    return signed_in(names[0])


@pytest.mark.parametrize(("ago", "is_late"), [(timedelta(0), False), (timedelta(days=2), True)])
def test_late_notices_ask_for_attention(region: Region, ago: timedelta, *, is_late: bool) -> None:
    notice = amended(region, ago=ago)
    assert notice.due_at - notice.told_at > timedelta(minutes=59)
    page = signed_in("doctor").get("/corrections/told/").content.decode()
    assert ("telephone now" in page) is is_late
    told = signed_in("nurse").get("/corrections/", follow=True).content.decode()
    assert ("past its time" in told) is is_late


def test_who_reads_whom_to_telephone_is_kept(region: Region) -> None:
    amended(region)
    with acting(one_with(region, "hub_director", region.hub)):
        before = AccessEntry.objects.filter(what="corrections").count()
    signed_in("doctor").get("/corrections/told/")
    with acting(one_with(region, "hub_director", region.hub)):
        assert AccessEntry.objects.filter(what="corrections").count() == before + 1


@pytest.mark.parametrize(
    ("language", "running", "done"),
    [
        ("en", "You may leave this page", "1 result was changed."),
        ("ru", "Со страницы можно уйти", "Изменён 1 результат."),
    ],
)
def test_a_step_over_many_results_is_followed_and_its_outcome_stays(
    region: Region, monkeypatch: pytest.MonkeyPatch, language: str, running: str, done: str
) -> None:
    result = reported(region)
    monkeypatch.setattr(look_backs, "AT_ONCE", 0)
    doctor = signed_in("doctor", language=language)
    page = doctor.post(query(region, result), {"reason": "lamp failed"}).headers["Location"]
    assert page.startswith("/corrections/look-backs/steps/")
    assert state_of(region, result) == "released"
    assert running in doctor.get(page).content.decode()
    assert doctor.get(f"{page}progress/").status_code == 200
    assert page in doctor.get("/corrections/look-backs/").content.decode()
    assert doctor.post(query(region, result), {"reason": "once more"}).status_code == 422
    assert doctor.post(f"{page}again/").status_code == 302
    asker = one_with(region, "laboratory_doctor", region.hub)
    with acting(asker):
        task = LookBackTask.objects.get()
        start_task(task, by=asker, at=timezone.now())
        do_task(task, by=asker, at=timezone.now())
        task.refresh_from_db()
    assert doctor.get(f"{page}progress/").headers["HX-Refresh"] == "true"
    assert done in doctor.get(page).content.decode()
    look_back = f"/corrections/look-backs/{task.look_back_id}/"
    assert page in doctor.get(look_back).content.decode()
    step = {"step": "release", "reason": "fine"}
    assert "/steps/" in doctor.post(look_back, step).headers["Location"]
    assert signed_in("nurse").get(page).status_code == 403


def test_the_limits_of_the_rules_are_shown(region: Region) -> None:
    amended(region)
    for username, page in (("nurse", "/corrections/"), ("doctor", "/corrections/told/")):
        words = signed_in(username).get(page, follow=True).content.decode()
        assert "within 1 h when a dangerous value" in words
        assert "else within 24 h" in words
