"""Two people at one list: who looks is said, taken over by one key; what was decided is taken back by one."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from aliquot.flow.results.actions import autoverify_batch
from aliquot.flow.results.models import Decision, Result, ResultClaim
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from aliquot.registers.patients.models import AccessEntry
from tests.factories import NOW, make_accepted, make_fresh, make_result
from tests.regions import Region
from tests.web import signed_in

PART = {"HX-Request": "true"}
AHEAD = {**PART, "X-Preload": "1"}


@pytest.fixture
def doctor(region: Region) -> Client:
    return signed_in("doctor")


@pytest.fixture
def director(region: Region) -> Client:
    return signed_in("director")


def held(region: Region, code: str = "K", value: str = "7.8", **changes: Any) -> Result:
    result = make_result(region, make_accepted(region, "GLUS", "K", "NA", "CHOL"), code, value, **changes)
    with acting(region.worker):
        autoverify_batch(limit=10, by=region.worker, at=NOW)
        result.refresh_from_db()
    return result


def state_of(region: Region, result: Result) -> str:
    with acting(region.worker):
        return Result.objects.get(pk=result.pk).state


def opened(client: Client, result: Result, headers: dict[str, str] = PART) -> str:
    return client.get(f"/bench/results/{result.pk}/", headers=headers).content.decode()


def test_the_second_to_open_a_result_sees_who_has_it_and_cannot_decide(
    region: Region, doctor: Client, director: Client
) -> None:
    result = held(region)
    assert 'data-key="r"' in opened(doctor, result)
    page = opened(director, result)
    assert f"{region.people['doctor'].name} looks at this result" in page
    assert 'data-key="r"' not in page
    assert 'data-key="v"' in page
    answer = director.post(f"/bench/results/{result.pk}/release/", headers=PART)
    assert answer.status_code == 422
    assert "Take it over first." in answer.content.decode()
    assert state_of(region, result) == "held"


@pytest.mark.parametrize("step", ["release", "hold", "repeat", "refuse", "redraw-for"])
def test_no_decision_passes_by_a_colleague(
    region: Region, doctor: Client, director: Client, step: str
) -> None:
    result = held(region)
    opened(doctor, result)
    given = {"reason": "clot", "reason_code": "HAEM"}
    answer = director.post(f"/bench/results/{result.pk}/{step}/", given, headers=PART)
    assert answer.status_code == 422
    assert state_of(region, result) == "held"


def test_one_key_takes_it_over_and_the_colleagues_page_says_so(
    region: Region, doctor: Client, director: Client
) -> None:
    result = held(region)
    opened(doctor, result)
    taken = director.post(f"/bench/results/{result.pk}/take-over/", headers=PART)
    assert 'data-key="r"' in taken.content.decode()
    beat = doctor.post(f"/bench/results/{result.pk}/claim/", {"mine": "1"}, headers=PART)
    assert beat["HX-Retarget"] == "#card"
    assert f"{region.people['director'].name} looks at this result" in beat.content.decode()
    assert json.loads(beat["HX-Trigger"])["looks"] == {str(result.pk): region.people["director"].name}
    assert doctor.post(f"/bench/results/{result.pk}/release/", headers=PART).status_code == 422
    assert director.post(f"/bench/results/{result.pk}/release/", headers=PART).status_code == 200


def test_who_takes_over_what_was_decided_meanwhile_is_told_so(
    region: Region, doctor: Client, director: Client
) -> None:
    result = held(region)
    opened(doctor, result)
    assert doctor.post(f"/bench/results/{result.pk}/release/", headers=PART).status_code == 200
    late = director.post(f"/bench/results/{result.pk}/take-over/", headers=PART)
    assert "decided meanwhile" in json.loads(late["HX-Trigger"])["notice"]["text"]
    assert 'data-key="r"' not in late.content.decode()


def accesses(region: Region) -> list[str]:
    with acting(region.worker):
        return list(AccessEntry.objects.order_by("id").values_list("what", flat=True))


def test_what_is_fetched_ahead_is_kept_as_such_and_as_opened_when_it_is(
    region: Region, doctor: Client
) -> None:
    result = held(region)
    opened(doctor, result, AHEAD)
    assert accesses(region) == ["result, fetched ahead"]
    doctor.post(f"/bench/results/{result.pk}/claim/", {"mine": "1", "opened": "1"}, headers=PART)
    assert accesses(region) == ["result, fetched ahead", "result"]


def test_the_list_names_who_looks_and_the_next_result_is_nobodys(
    region: Region, doctor: Client, director: Client
) -> None:
    first, second, third = held(region), held(region), held(region)
    opened(doctor, second)
    page = director.get("/bench/verify/").content.decode()
    assert re.search(rf'data-looks="{second.pk}"[^>]*>{region.people["doctor"].name} looks', page)
    answer = director.post(f"/bench/results/{first.pk}/release/", headers=PART)
    assert f'data-chosen="{third.pk}"' in answer.content.decode()


def test_what_is_fetched_ahead_is_nobodys_yet(region: Region, doctor: Client) -> None:
    result = held(region)
    part = opened(doctor, result, AHEAD)
    assert 'hx-trigger="load, every 20s"' in part
    with acting(region.worker):
        assert not ResultClaim.objects.exists()


def test_who_goes_on_to_what_was_fetched_ahead_leaves_the_one_before(region: Region, doctor: Client) -> None:
    first, second = held(region), held(region)
    opened(doctor, first)
    assert '"opened": "1"' in opened(doctor, second, AHEAD)
    beat = doctor.post(
        f"/bench/results/{second.pk}/claim/", {"mine": "1", "opened": "1"}, headers=PART
    ).content.decode()
    assert '"opened"' not in beat
    with acting(region.worker):
        assert [one.result_id for one in ResultClaim.objects.all()] == [second.pk]


def test_the_page_names_what_is_to_be_fetched_ahead(region: Region, doctor: Client) -> None:
    first, second = held(region), held(region)
    assert f'data-following="/bench/results/{second.pk}/"' in opened(doctor, first)


def test_a_release_is_taken_back_by_one_key(region: Region, doctor: Client, settings: Settings) -> None:
    settings.UNDO_SECONDS = 10
    first, second = held(region), held(region)
    part = doctor.post(f"/bench/results/{first.pk}/release/", headers=PART).content.decode()
    assert 'id="undo" hx-swap-oob="true"' in part
    assert re.search(r'data-seconds="(9\.\d|10\.0)"', part)
    assert f'name="result" value="{first.pk}"' in part
    assert 'data-key="z"' in doctor.get(f"/bench/verify/?result={second.pk}").content.decode()
    back = doctor.post("/bench/undo/", {"result": [first.pk]}, headers=PART).content.decode()
    assert state_of(region, first) == "held"
    assert f'data-chosen="{first.pk}"' in back
    assert f'id="row-{first.pk}"' in back
    assert 'data-key="z"' not in back


def test_what_cannot_be_taken_back_lends_its_name_to_nothing_else(
    region: Region, doctor: Client, settings: Settings
) -> None:
    settings.UNDO_SECONDS = 10
    first, second = held(region), held(region, value="8.1")
    doctor.post(f"/bench/results/{first.pk}/release/", headers=PART)
    answer = doctor.post(f"/bench/results/{second.pk}/repeat/", {"reason": "clot"}, headers=PART)
    bar = re.search(r'<form class="undo".*?</form>', answer.content.decode(), re.DOTALL)
    assert bar
    assert f'name="result" value="{first.pk}"' in bar.group()
    assert f"Released: {first.test.short_en} 7.8" in bar.group()
    assert "To be measured again" in json.loads(answer["HX-Trigger"])["notice"]["text"]


@pytest.mark.parametrize(("language", "words"), [("en", "can no longer be"), ("ru", "уже нельзя отменить")])
def test_too_late_says_so(region: Region, settings: Settings, language: str, words: str) -> None:
    settings.UNDO_SECONDS = 10
    result, client = held(region), signed_in("doctor", language=language)
    client.post(f"/bench/results/{result.pk}/release/", headers=PART)
    with acting(region.worker):
        Decision.objects.update(ended_at=NOW)
    answer = client.post("/bench/undo/", {"result": [result.pk]}, headers=PART)
    assert words in json.loads(answer["HX-Trigger"])["notice"]["text"]
    assert state_of(region, result) == "released"
    assert client.post("/bench/undo/", {"result": ["x"]}, headers=PART).status_code == 204


def test_one_key_releases_what_is_fit_of_the_order(region: Region, doctor: Client) -> None:
    specimen = make_accepted(region, "GLUS", "K", "NA", "CHOL")
    critical, fit = make_result(region, specimen, "K", "7.8"), make_result(region, specimen, "CHOL", "19.9")
    with acting(region.worker):
        autoverify_batch(limit=10, by=region.worker, at=NOW)
        Result.objects.filter(pk=fit.pk).update(state="held", flag="H", reasons=[{"code": "autorelease_off"}])
    page = opened(doctor, critical)
    form = re.search(r'<form class="inline".*?</form>', page)
    assert form
    assert re.findall(r'name="result" value="(\d+)"', form.group()) == [str(fit.pk)]
    assert 'data-key="Shift+r"' in form.group()


def test_any_tube_is_drawn_again_for_a_reason_of_the_list(region: Region, doctor: Client) -> None:
    result = held(region)
    assert 'data-dialog="redraw"' in opened(doctor, result)
    refused = doctor.post(f"/bench/results/{result.pk}/redraw-for/", {"reason_code": "NONE"}, headers=PART)
    assert refused.status_code == 422
    answer = doctor.post(f"/bench/results/{result.pk}/redraw-for/", {"reason_code": "HAEM"}, headers=PART)
    assert answer.status_code == 200
    assert state_of(region, result) == "refused"
    with acting(region.worker):
        assert Specimen.objects.filter(replaces=result.specimen_id).count() == 1


def test_a_dilution_is_one_key(region: Region, doctor: Client) -> None:
    result = held(region)
    given = {"reason": "To be measured diluted", "dilution": "5"}
    answer = doctor.post(f"/bench/results/{result.pk}/repeat/", given, headers=PART)
    assert answer.status_code == 200
    assert state_of(region, result) == "refused"


def test_the_page_says_what_stands_behind_a_value(region: Region, doctor: Client) -> None:
    result = held(region)
    page = opened(doctor, result)
    assert 'class="chart limits"' in page
    assert 'class="chart spent"' in page
    assert "limits-mark-critical" in page
    assert result.test.short_en in page


def test_a_rule_says_its_source_on_demand(region: Region, doctor: Client) -> None:
    result = held(region)
    with acting(region.worker):
        Result.objects.filter(pk=result.pk).update(
            reasons=[{"code": "critical", "value": "7.8", "limit": "6.2", "rule": "no-such-rule"}]
        )
    assert "This rule is no longer in force." in opened(doctor, result)


def test_the_patients_other_open_orders_stand_beside(region: Region, doctor: Client) -> None:
    first = held(region)
    with acting(region.worker):
        patient = first.order.patient
    other = make_result(region, make_fresh(region, "NA", patient=patient), "NA", "151")
    page = opened(doctor, first)
    assert "The patient&#x27;s other open orders" in page or "The patient's other open orders" in page
    assert other.order.number in page


def test_words_of_the_rules_are_put_beside_by_one_key(region: Region, doctor: Client) -> None:
    result = held(region)
    for _twice in range(2):
        with acting(region.worker):
            comment = Result.objects.get(pk=result.pk).comment
        given = {"comment": comment, "ready": "Repeat the draw. / Повторите взятие."}
        doctor.post(f"/bench/results/{result.pk}/comment/", given, headers=PART)
    with acting(region.worker):
        assert Result.objects.get(pk=result.pk).comment == "Repeat the draw. / Повторите взятие."
