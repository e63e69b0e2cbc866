"""The pages of rules: written, tried, signed, approved by two people, suspended; each refusal in words."""

import tomllib
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from aliquot.flow.results.actions.validating import validate
from aliquot.flow.verification.models import RuleSetValidation, RuleSetVersion, Suspension
from aliquot.flow.verification.queries import shipped_rules, version_in_force
from aliquot.foundation.context import acting
from aliquot.registers.network.models import Site
from aliquot.registers.people.actions import DEMO_PASSWORD
from tests.factories import NOW, make_accepted, make_result
from tests.regions import Region
from tests.web import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
CASES = """
[[case]]
rule = "haemolysis-K"
test = "K"
value = "4.2"
indices = { H = "5" }
fires = true
"""


def drafted(doctor: Client) -> RuleSetVersion:
    answer = doctor.post("/rules/draft/", {"scope": "network", "note": "wider potassium"})
    assert answer.status_code == 302
    return RuleSetVersion.objects.latest("id")


def written(doctor: Client, version: RuleSetVersion, text: str) -> int:
    return doctor.post(f"/rules/versions/{version.pk}/", {"text": text, "read": version.digest}).status_code


def submitted(doctor: Client, further: str = CASES) -> RuleSetVersion:
    version = drafted(doctor)
    assert written(doctor, version, shipped_rules() + further) == 302
    assert doctor.post(f"/rules/versions/{version.pk}/steps/submit/").status_code == 302
    version.refresh_from_db()
    return version


def tried(region: Region, client: Client, version: RuleSetVersion) -> RuleSetValidation:
    stretch = {"since": "2026-11-01T00:00", "until": "2030-01-01T00:00"}
    answer = client.post(f"/rules/versions/{version.pk}/validate/", stretch)
    assert answer.status_code == 302
    found = RuleSetValidation.objects.latest("id")
    with acting(region.worker):
        validate(found, by=region.worker, at=NOW)
        found.refresh_from_db()
    return found


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_opens_in_both_languages(region: Region, language: str) -> None:
    make_result(region, make_accepted(region, "K"), "K", "9.0")
    doctor = signed_in("doctor", language=language)
    version = submitted(doctor)
    found = tried(region, doctor, version)
    first = RuleSetVersion.objects.earliest("id")
    for page in (
        "/rules/", f"/rules/versions/{version.pk}/", f"/rules/versions/{first.pk}/",
        f"/rules/versions/{version.pk}/changes/", f"/rules/versions/{version.pk}/changes/?with=1",
        f"/rules/versions/{version.pk}/rules/haemolysis-K/", f"/rules/validations/{found.pk}/",
        "/rules/applies/", "/rules/applies/?test=K&sex=F&age=34a&urgency=R&ward=ICU",
    ):  # fmt: skip
        assert doctor.get(page).status_code == 200, page
        assert signed_in("director", language=language).get(page).status_code == 200, page


def test_nobody_else_enters(region: Region) -> None:
    assert signed_in("reception").get("/rules/").status_code == 403
    assert signed_in("technologist").post("/rules/suspend/", {"scope": "network"}).status_code == 403


def test_two_people_bring_a_set_from_draft_to_force(region: Region) -> None:
    doctor, director = signed_in("doctor"), signed_in("director")
    version = submitted(doctor)
    step = f"/rules/versions/{version.pk}/steps"
    refused = director.post(f"{step}/approve/", {"reason": "good"})
    assert refused.status_code == 422
    assert "signed a validation report" in refused.content.decode()
    found = tried(region, director, version)
    page = director.get(f"/rules/validations/{found.pk}/").content.decode()
    assert "all pass" in page
    signature = {"meaning": "I read it", "password": "wrong"}
    assert director.post(f"/rules/validations/{found.pk}/sign/", signature).status_code == 422
    signature["password"] = DEMO_PASSWORD
    assert director.post(f"/rules/validations/{found.pk}/sign/", signature).status_code == 302
    assert doctor.post(f"{step}/approve/", {"reason": "mine"}).status_code == 403
    assert director.post(f"{step}/approve/", {"reason": "good"}).status_code == 302
    assert director.post(f"{step}/activate/", {"reason": "from now", "since": ""}).status_code == 302
    kept = version_in_force(None, timezone.now() + timedelta(seconds=1))
    assert kept is not None
    assert kept.pk == version.pk


def test_nobody_approves_a_text_that_he_did_not_read(region: Region) -> None:
    doctor, director = signed_in("doctor"), signed_in("director")
    version = submitted(doctor)
    step, read = f"/rules/versions/{version.pk}/steps", version.digest
    assert f'name="read" value="{read}"' in director.get(f"/rules/versions/{version.pk}/").content.decode()
    found = tried(region, director, version)
    signature = {"meaning": "I read it", "password": DEMO_PASSWORD}
    assert director.post(f"/rules/validations/{found.pk}/sign/", signature).status_code == 302
    assert director.post(f"{step}/send-back/", {"reason": "wider", "read": read}).status_code == 302
    assert written(doctor, version, version.text + "\n# wider\n") == 302
    assert doctor.post(f"{step}/submit/").status_code == 302
    refused = director.post(f"{step}/approve/", {"reason": "good", "read": read})
    assert refused.status_code == 422
    assert "Somebody changed this rule set meanwhile" in refused.content.decode()
    version.refresh_from_db()
    assert (version.state, version.digest == read) == ("submitted", False)


def test_the_page_asks_why_a_rule_may_go_without_a_case(region: Region) -> None:
    doctor, director = signed_in("doctor"), signed_in("director")
    bare = (
        '[[rule]]\ncode = "bare"\nkind = "limits"\ntests = ["LIP"]\nautoverification = [3, 5]\nsource = "s"\n'
    )
    version = submitted(doctor, f"\n{bare}")
    found = tried(region, director, version)
    signature = {"meaning": "I read it", "password": DEMO_PASSWORD}
    assert director.post(f"/rules/validations/{found.pk}/sign/", signature).status_code == 302
    page = director.get(f"/rules/versions/{version.pk}/").content.decode()
    assert "1 rule lacks a case that it stops or one that it lets pass" in page
    assert 'name="untried"' in page
    step = f"/rules/versions/{version.pk}/steps/approve/"
    refused = director.post(step, {"reason": "good"})
    assert refused.status_code == 422
    assert "say why they may go without" in refused.content.decode()
    assert director.post(step, {"reason": "good", "untried": "tried by hand"}).status_code == 302


def test_a_first_page_of_a_laboratory_with_quotation_marks_in_its_name_has_no_mistake(region: Region) -> None:
    with acting(region.people["director"]):
        Site.objects.filter(pk=region.hub.pk).update(name_en='Hub "A"', name_ru='Лаборатория "А"')
    answer = signed_in("doctor").post(
        "/rules/draft/", {"scope": region.hub.code, "note": "rules of our own"}, follow=True
    )
    assert "no mistakes" in answer.content.decode()
    text = RuleSetVersion.objects.latest("id").text
    assert tomllib.loads(text)["rule_set"]["title_ru"] == 'Правила: Лаборатория "А"'


def test_mistakes_stand_beside_their_lines_while_writing(region: Region) -> None:
    doctor = signed_in("doctor")
    version = drafted(doctor)
    text = shipped_rules().replace("K > 6.0", "KK > 6.0", 1)
    page = doctor.post(f"/rules/check/{version.pk}/", {"text": text}).content.decode()
    line = text[: text.index('code = "edta-contamination"')].count("\n") + 1
    assert f'<span class="mistake-number">{line}</span>' in page
    assert "1 mistake" in page
    assert "^" in page
    assert written(doctor, version, text) == 302
    refused = doctor.post(f"/rules/versions/{version.pk}/steps/submit/")
    assert refused.status_code == 422


def test_a_text_that_somebody_else_saved_is_not_overwritten(region: Region) -> None:
    doctor = signed_in("doctor")
    version = drafted(doctor)
    assert written(doctor, version, shipped_rules() + CASES) == 302
    assert written(doctor, version, shipped_rules() + "\n# mine\n") == 422


def test_one_rule_is_changed_by_its_form(region: Region) -> None:
    doctor = signed_in("doctor")
    version = drafted(doctor)
    address = f"/rules/versions/{version.pk}/rules/anion-gap/"
    page = doctor.get(address)
    given = {row["key"]: row["value"] for row in page.context["rows"]}
    assert doctor.post(address, {**given, "when": "NA - CL - HCO3A outside 2 .. 30"}).status_code == 302
    version.refresh_from_db()
    assert 'when = "NA - CL - HCO3A outside 2 .. 30"' in version.text
    broken = doctor.post(address, {**given, "when": "NA -"})
    assert broken.status_code == 422
    changes = doctor.get(f"/rules/versions/{version.pk}/changes/").content.decode()
    assert "outside 2 .. 30" in changes


def test_a_rule_that_somebody_changed_meanwhile_is_not_overwritten(region: Region) -> None:
    doctor = signed_in("doctor")
    version = drafted(doctor)
    address = f"/rules/versions/{version.pk}/rules/anion-gap/"
    given = {row["key"]: row["value"] for row in doctor.get(address).context["rows"]}
    given["read"] = version.digest
    first = doctor.post(address, {**given, "when": "NA - CL - HCO3A outside 2 .. 30"})
    second = doctor.post(address, {**given, "source": "Order 3 of the hub"})
    assert (first.status_code, second.status_code) == (302, 422)
    version.refresh_from_db()
    assert "outside 2 .. 30" in version.text


def test_ended_suspensions_of_other_laboratories_are_not_shown_as_ours(region: Region) -> None:
    doctor = signed_in("doctor")
    other = next(site for site in region.sites.values() if site.is_laboratory and site.pk != region.hub.pk)
    ended = {
        "since": NOW,
        "by": "system:loader",
        "ended_at": NOW,
        "ended_by": "system:loader",
        "end_reason": "over",
    }
    with acting(region.worker):
        Suspension.objects.create(scope="laboratory", laboratory=other, reason="flood elsewhere", **ended)
        Suspension.objects.create(scope="laboratory", laboratory=region.hub, reason="flood here", **ended)
    page = doctor.get("/rules/").content.decode()
    assert ("flood here" in page, "flood elsewhere" in page) == (True, False)


def test_what_is_suspended_is_said_on_the_bench_until_it_is_ended(region: Region) -> None:
    doctor = signed_in("doctor")
    assert doctor.post("/rules/suspend/", {"scope": "test", "reason": "x"}).status_code == 422
    given = {"scope": "test", "test": "K", "reason": "drift of control"}
    assert doctor.post("/rules/suspend/", given).status_code == 302
    suspension = Suspension.objects.get()
    assert (suspension.scope, suspension.laboratory_id) == ("test", region.hub.pk)
    for page in ("/bench/verify/", "/bench/worklist/", "/rules/"):
        assert "drift of control" in doctor.get(page).content.decode()
    assert doctor.post(f"/rules/resume/{suspension.pk}/", {"reason": ""}).status_code == 302
    assert Suspension.objects.filter(ended_at=None).exists()
    assert doctor.post(f"/rules/resume/{suspension.pk}/", {"reason": "checked"}).status_code == 302
    assert "drift of control" not in doctor.get("/bench/verify/").content.decode()


def test_the_whole_network_can_be_suspended(region: Region) -> None:
    doctor = signed_in("doctor")
    assert doctor.post("/rules/suspend/", {"scope": "network", "reason": "power cut"}).status_code == 302
    assert Suspension.objects.get().laboratory_id is None
    assert "whole network" in signed_in("technologist").get("/bench/worklist/").content.decode()


def test_what_applies_names_the_overruled(region: Region) -> None:
    page = signed_in("doctor").get("/rules/applies/?test=NOPE&sex=F&age=34a&urgency=R")
    assert page.status_code == 422
    page = signed_in("doctor").get("/rules/applies/?test=K&sex=F&age=34a&urgency=R")
    codes = [row["rule"].code for row in page.context["rows"]]
    assert "haemolysis-K" in codes
    assert "haemolysis-LDH" not in codes


def test_times_are_those_of_the_laboratorys_clock(region: Region) -> None:
    doctor = signed_in("doctor")
    version = drafted(doctor)
    stretch = {"since": "2026-11-01T00:00", "until": "2026-11-02T03:00"}
    assert doctor.post(f"/rules/versions/{version.pk}/validate/", stretch).status_code == 302
    with acting(region.worker):
        found = RuleSetValidation.objects.latest("id")
    assert (found.since.isoformat(), found.until.isoformat()) == (
        "2026-10-31T21:00:00+00:00",
        "2026-11-02T00:00:00+00:00",
    )


def test_a_running_back_test_is_followed_beside_the_draft(region: Region) -> None:
    doctor = signed_in("doctor")
    version = drafted(doctor)
    page = f"/rules/versions/{version.pk}/"
    assert 'id="progress"' not in doctor.get(page).content.decode()
    stretch = {"since": "2026-11-01T00:00", "until": "2030-01-01T00:00"}
    assert doctor.post(f"{page}validate/", stretch).status_code == 302
    assert 'id="progress"' in doctor.get(page).content.decode()
    make_result(region, make_accepted(region, "K"), "K", "9.0")
    tried(region, doctor, version)
    shown = doctor.get(page).content.decode()
    assert 'id="back-test"' in shown
    assert "Of 1 result" in shown


def test_what_is_suspended_is_said_with_who_did_it(region: Region) -> None:
    doctor = signed_in("doctor")
    assert "nothing is suspended" in doctor.get("/rules/").content.decode()
    given = {"scope": "laboratory", "reason": "lamp flickers"}
    assert doctor.post("/rules/suspend/", given).status_code == 302
    page = doctor.get("/rules/").content.decode()
    assert "nothing is suspended" not in page
    assert "lamp flickers" in page
    assert "Irina Belozyorova" in page
