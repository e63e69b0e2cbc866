"""Deciding about results that wait: what is seen, what is done, what is refused in words."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from aliquot.flow.results.actions import autoverify_batch, release_results
from aliquot.flow.results.models import CriticalCall, Result
from aliquot.foundation.context import acting
from aliquot.registers.patients.models import AccessEntry
from tests.factories import NOW, make_accepted, make_decided, make_result
from tests.regions import Region
from tests.web import signed_in

PART = {"HX-Request": "true"}


def held(region: Region, code: str = "K", value: str = "7.8", **changes: Any) -> Result:
    """A result that waits for a person: a critical potassium unless told otherwise."""
    result = make_decided(region, make_accepted(region, "GLUS", "K", "NA", "CHOL"), code, value, **changes)
    assert result.state == "held"
    return result


def state_of(region: Region, result: Result) -> str:
    with acting(region.worker):
        return Result.objects.get(pk=result.pk).state


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Critical value: 7.8"), ("ru", "Критическое значение: 7,8")]
)
def test_the_screen_says_everything_one_decides_by(region: Region, language: str, words: str) -> None:
    result = held(region)
    page = signed_in("doctor", language=language).get("/bench/verify/").content.decode()
    assert words in page
    assert result.specimen.number in page
    assert result.order.number in page
    assert (
        "no QC plan on this analyzer: not checked",
        "нет плана контроля на этом анализаторе: не проверено",
    )[language == "ru"] in page


def test_reading_a_patients_result_is_noted(region: Region, doctor: Client) -> None:
    result = held(region)
    doctor.get(f"/bench/results/{result.pk}/", headers=PART)
    with acting(region.people["director"]):
        assert AccessEntry.objects.filter(patient_id=result.patient_id).exists()


def test_a_released_result_leaves_the_list_and_the_next_one_opens(region: Region, doctor: Client) -> None:
    first, second = held(region), held(region)
    answer = doctor.post(f"/bench/results/{first.pk}/release/", headers=PART)
    part = answer.content.decode()
    assert answer.status_code == 200
    assert state_of(region, first) == "released"
    assert f'<li id="row-{first.pk}" hx-swap-oob="delete">' in part
    assert f'data-chosen="{second.pk}"' in part
    assert "7.8" in json.loads(answer["HX-Trigger"])["notice"]["text"]


def test_the_last_one_leaves_an_empty_list_in_words(region: Region, doctor: Client) -> None:
    part = doctor.post(f"/bench/results/{held(region).pk}/release/", headers=PART).content.decode()
    assert "No result waits for a person" in part


def test_the_second_person_is_told_who_was_faster_and_when(region: Region, doctor: Client) -> None:
    result = held(region)
    with acting(region.people["director"]):
        release_results([result.pk], by=region.people["director"], at=timezone.now())
    answer = doctor.post(f"/bench/results/{result.pk}/release/", headers=PART)
    assert answer.status_code == 422
    assert re.search(
        r"was already released by Andrei Gromadin at \d+\.\d+\.\d{4} \d\d:\d\d", answer.content.decode()
    )
    assert f'<li id="row-{result.pk}" hx-swap-oob="delete">' in answer.content.decode()


@pytest.mark.parametrize("step", ["hold", "repeat", "refuse"])
def test_a_decision_without_a_reason_is_refused_in_its_dialog(
    region: Region, doctor: Client, step: str
) -> None:
    result = held(region)
    answer = doctor.post(f"/bench/results/{result.pk}/{step}/", {"reason": " "}, headers=PART)
    assert answer.status_code == 422
    assert re.search(rf'<dialog id="{step}"[^>]*data-open-now', answer.content.decode())
    assert state_of(region, result) == "held"


@pytest.mark.parametrize(("step", "state"), [("hold", "held"), ("repeat", "refused"), ("refuse", "refused")])
def test_a_reason_of_ones_own_or_a_ready_one_decides(
    region: Region, doctor: Client, step: str, state: str
) -> None:
    own, ready = held(region), held(region)
    assert (
        doctor.post(f"/bench/results/{own.pk}/{step}/", {"reason": "clot"}, headers=PART).status_code == 200
    )
    given = {"reason": "", "ready": "Specimen unfit"}
    assert doctor.post(f"/bench/results/{ready.pk}/{step}/", given, headers=PART).status_code == 200
    assert [state_of(region, own), state_of(region, ready)] == [state, state]
    with acting(region.worker):
        kept = [Result.objects.get(pk=one.pk).reasons[-1]["note"] for one in (own, ready)]
    assert kept == ["clot", "Specimen unfit"]


def test_what_is_held_stays_in_the_list_with_its_note(region: Region, doctor: Client) -> None:
    result = held(region)
    part = doctor.post(
        f"/bench/results/{result.pk}/hold/", {"reason": "ward asked"}, headers=PART
    ).content.decode()
    assert f'id="row-{result.pk}"' in part
    assert 'hx-swap-oob="delete"' not in part


def test_of_an_order_only_what_was_ticked_is_released(region: Region, doctor: Client) -> None:
    specimen = make_accepted(region, "GLUS", "K", "NA", "CHOL")
    critical = make_result(region, specimen, "K", "7.8")
    fit = make_result(region, specimen, "CHOL", "19.9")
    with acting(region.worker):
        autoverify_batch(limit=10, by=region.worker, at=NOW)
        Result.objects.filter(pk=fit.pk).update(state="held", reasons=[{"code": "autorelease_off"}])
    page = doctor.get(f"/bench/results/{critical.pk}/", headers=PART).content.decode()
    assert re.search(rf'value="{fit.pk}" id="together-{fit.pk}" checked', page)
    assert not re.search(rf'value="{critical.pk}" id="together-{critical.pk}" checked', page)
    answer = doctor.post(f"/bench/results/{critical.pk}/release-order/", {"result": [fit.pk]}, headers=PART)
    assert answer.status_code == 200
    assert (state_of(region, fit), state_of(region, critical)) == ("released", "held")


def test_a_result_of_another_order_cannot_be_slipped_in(region: Region, doctor: Client) -> None:
    mine, other = held(region), held(region)
    answer = doctor.post(f"/bench/results/{mine.pk}/release-order/", {"result": [other.pk]}, headers=PART)
    assert answer.status_code == 422
    assert state_of(region, other) == "held"


def test_an_amended_result_shows_the_earlier_version(region: Region, doctor: Client) -> None:
    result = held(region)
    doctor.post(f"/bench/results/{result.pk}/release/", headers=PART)
    given = {"value": "5,1", "reason": "other tube measured"}
    answer = doctor.post(f"/bench/results/{result.pk}/amend/", given, headers=PART)
    part = answer.content.decode()
    assert answer.status_code == 200
    assert "<s>7.8</s>" in part
    assert "other tube measured" in part
    history = doctor.get(f"/bench/patients/{result.patient_id}/").content.decode()
    assert "<s>7.8</s>" in history
    assert "other tube measured" in history
    assert "doctor" in history


def test_an_amendment_without_a_reason_is_refused(region: Region, doctor: Client) -> None:
    result = held(region)
    doctor.post(f"/bench/results/{result.pk}/release/", headers=PART)
    assert (
        doctor.post(f"/bench/results/{result.pk}/amend/", {"value": "5.1"}, headers=PART).status_code == 422
    )
    assert state_of(region, result) == "released"


def test_a_comment_is_kept_and_the_result_stays_open(region: Region, doctor: Client) -> None:
    result = held(region)
    part = doctor.post(
        f"/bench/results/{result.pk}/comment/", {"comment": "slightly haemolysed"}, headers=PART
    )
    assert "slightly haemolysed" in part.content.decode()
    assert f'data-chosen="{result.pk}"' in part.content.decode()


def test_a_value_in_another_unit_is_named_and_not_drawn(region: Region, doctor: Client) -> None:
    first = held(region, value="30.1", unit="mg/dL")
    assert doctor.post(f"/bench/results/{first.pk}/release/", headers=PART).status_code == 200
    with acting(region.worker):
        patient = first.order.patient
    second = make_result(region, make_accepted(region, "K", patient=patient), "K", "7.8")
    with acting(region.worker):
        autoverify_batch(limit=10, by=region.worker, at=NOW)
    card = doctor.get(f"/bench/results/{second.pk}/", headers=PART).content.decode()
    assert "30.1 mg/dL" in card
    assert "trend-line" not in card


def test_a_section_narrows_the_list_and_says_so_when_it_is_empty(region: Region, doctor: Client) -> None:
    result = held(region)
    assert f'id="row-{result.pk}"' in doctor.get("/bench/verify/?section=ISE").content.decode()
    assert "Nothing waits here" in doctor.get("/bench/verify/?section=HEM").content.decode()
    assert doctor.get("/bench/verify/?place=a0").status_code == 200


def test_the_list_goes_on_behind_its_first_page(region: Region, doctor: Client) -> None:
    first, second = held(region), held(region)
    part = doctor.get(f"/bench/verify/more/?after=1.{first.danger}.{first.pk}", headers=PART).content.decode()
    assert f'id="row-{second.pk}"' in part
    assert f'id="row-{first.pk}"' not in part


def test_a_technologist_sees_but_does_not_release(region: Region) -> None:
    result, technologist = held(region), signed_in("technologist")
    page = technologist.get(f"/bench/results/{result.pk}/", headers=PART).content.decode()
    assert 'data-key="r"' not in page
    assert technologist.post(f"/bench/results/{result.pk}/release/", headers=PART).status_code == 403
    assert state_of(region, result) == "held"


def test_another_laboratory_finds_nothing_at_the_address(region: Region) -> None:
    result = held(region)
    assert signed_in("technologist.novomoskovsk").get(f"/bench/results/{result.pk}/").status_code == 404


def test_a_nurse_is_not_let_in(region: Region) -> None:
    assert signed_in("nurse").get("/bench/verify/").status_code == 403


def test_a_critical_value_leads_to_its_call(region: Region, doctor: Client) -> None:
    result = held(region)
    with acting(region.worker):
        call = CriticalCall.objects.get(result=result)
    assert (
        f"/bench/calls/?call={call.pk}"
        in doctor.get(f"/bench/results/{result.pk}/", headers=PART).content.decode()
    )
