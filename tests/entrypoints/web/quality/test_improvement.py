"""The pages of improvement: raised from where it happened, worked on step by step, audits, risks, causes."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from aliquot.entrypoints.web.quality.improvement.pictures import matrix_picture, pareto_picture
from aliquot.flow.quality.models import ControlViolation
from aliquot.foundation.context import acting
from aliquot.oversight.improvement.actions import Happening, raise_nonconformity
from aliquot.oversight.improvement.models import (
    Audit,
    AuditItem,
    Complaint,
    ImprovementAction,
    Nonconformity,
    Risk,
)
from aliquot.oversight.improvement.rules.pareto import pareto
from aliquot.registers.patients.models import AccessEntry
from tests.entrypoints.web.quality.printed import text_of
from tests.factories import make_order
from tests.flow.quality.benches import make_controlled
from tests.oversight.improvement.made import make_contained, make_done, make_raised, make_rejected
from tests.regions import Region, one_with
from tests.web import signed_in

HOME = "/quality/nonconformities/"
WORDS = {"what": "it happened again", "severity": "2"}


@pytest.fixture
def manager(region: Region) -> Client:
    return signed_in("quality")


def only(region: Region) -> Nonconformity:
    with acting(region.worker):
        return Nonconformity.objects.get()


def step(client: Client, row: Nonconformity, name: str, **given: object) -> int:
    """The status of the answer to one step."""
    return client.post(f"{HOME}{row.pk}/{name}/", given).status_code


class TestFromWhereItHappened:
    @pytest.mark.parametrize(("language", "words"), [("en", "Haemolysed"), ("ru", "Гемолиз")])
    def test_a_rejected_tube_offers_the_key_and_fills_the_form(
        self, region: Region, language: str, words: str
    ) -> None:
        tube = make_rejected(region)
        desk = signed_in("reception", language=language)
        address = f"/quality/raise/?source=rejected_tube&amp;subject={tube.pk}"
        assert (
            f'href="{address}" data-key="Alt+n"'
            in desk.get(f"/reception/tubes/{tube.number}/").content.decode()
        )
        form = desk.get(address.replace("&amp;", "&")).content.decode()
        assert words in form
        assert tube.number in form
        given = {"source": "rejected_tube", "subject": tube.pk, **WORDS}
        page = desk.post("/quality/raise/", given, follow=True)
        assert page.redirect_chain == [(f"{HOME}{only(region).pk}/", 302)]
        assert only(region).reference == tube.number
        assert "2026-0001" in desk.get(f"/reception/tubes/{tube.number}/").content.decode()
        with acting(region.worker):
            assert AccessEntry.objects.filter(what="nonconformity").exists()

    def test_a_physician_complains_on_the_page_of_the_report(self, region: Region) -> None:
        order, physician = make_order(region), signed_in("physician")
        page = physician.get(f"/reports/{order.number}/").content.decode()
        assert f"/quality/raise/?source=complaint&amp;subject={order.pk}" in page
        given = {"source": "complaint", "subject": order.pk, "channel": "page", **WORDS}
        refused = physician.post("/quality/raise/", given)
        assert refused.status_code == 422
        assert "Say who complains" in refused.content.decode()
        assert physician.post("/quality/raise/", given | {"complainant": "Dr. Lugovoy"}).status_code == 302
        with acting(region.worker):
            assert Complaint.objects.get().complainant == "Dr. Lugovoy"
        assert "2026-0001" in physician.get(HOME).content.decode()

    def test_an_order_that_is_late_is_said_so_where_it_waits(self, region: Region) -> None:
        order, nurse = make_order(region), signed_in("nurse")
        assert (
            f"source=late_result&amp;subject={order.pk}"
            in nurse.get(f"/reports/{order.number}/").content.decode()
        )
        given = {"source": "late_result", "subject": order.pk, **WORDS}
        assert nurse.post("/quality/raise/", given).status_code == 302
        assert only(region).site_id == region.clinic.pk

    def test_a_broken_rule_is_raised_from_its_chart_and_leads_back(
        self, region: Region, manager: Client
    ) -> None:
        bench = make_controlled(region)
        bench.run(3.5, 0.2)
        with acting(region.worker):
            violation = ControlViolation.objects.get(is_rejection=True)
        chart = "/quality/control/XN-QC/HGB/"
        assert f"source=control_violation&amp;subject={violation.pk}" in manager.get(chart).content.decode()
        given = {"source": "control_violation", "subject": violation.pk, **WORDS}
        manager.post("/quality/raise/", given)
        assert f'href="{chart}"' in manager.get(f"{HOME}{only(region).pk}/").content.decode()

    @pytest.mark.usefixtures("region")
    def test_a_courier_says_it_from_anywhere(self) -> None:
        courier = signed_in("courier")
        page = courier.get("/quality/raise/").content.decode()
        assert "Something went wrong" in page
        answer = courier.post("/quality/raise/", {"source": "other", **WORDS}, follow=True)
        assert answer.status_code == 200
        assert "it happened again" in courier.get(HOME).content.decode()

    def test_what_one_does_not_see_is_not_there(self, region: Region) -> None:
        tube = make_rejected(region)
        stranger = signed_in("nurse.yefremov")
        for number in (str(tube.pk), "9" * 30, "x"):
            address = f"/quality/raise/?source=rejected_tube&subject={number}"
            assert stranger.get(address).status_code == 404
        row = make_raised(region)
        assert stranger.get(f"{HOME}{row.pk}/").status_code == 404
        assert stranger.post(f"{HOME}{row.pk}/contain/").status_code == 403

    @pytest.mark.usefixtures("region")
    def test_without_words_it_is_refused_beside_the_field(self) -> None:
        answer = signed_in("technologist").post("/quality/raise/", {"source": "other", "severity": "2"})
        assert answer.status_code == 422
        assert "Say what happened." in answer.content.decode()


class TestWork:
    def test_each_step_is_offered_in_its_turn(self, region: Region, manager: Client) -> None:
        row = make_raised(region, severity=3)
        today = timezone.now().date()
        owner = one_with(region, "technologist", region.hub).key
        action = {"what": "teach", "kind": "corrective", "owner": owner, "due_on": today}
        given = {"containment": "swept up", "impact": "none", "severity": "3", "probability": "3"}
        assert step(manager, row, "contain", **given) == 302
        assert step(manager, row, "cause", cause="people", analysis="in a hurry", why_1="no time") == 302
        assert step(manager, row, "plan", **action, criterion="none in a week", check_on=today) == 302
        technologist = signed_in("technologist")
        with acting(region.worker):
            planned = ImprovementAction.objects.get()
        assert 'name="done_note"' in technologist.get(f"{HOME}{row.pk}/").content.decode()
        assert technologist.post(f"{HOME}actions/{planned.pk}/", {"done_note": ""}).status_code == 422
        assert technologist.post(f"{HOME}actions/{planned.pk}/", {"done_note": "shown"}).status_code == 302
        assert step(manager, row, "check", is_effective="yes", verdict="none") == 302
        assert step(manager, row, "close", conclusion="taught yearly") == 302
        assert only(region).state == "closed"
        page = manager.get(f"{HOME}{row.pk}/").content.decode()
        assert "no time" in page
        assert 'id="next"' not in page
        assert "taught yearly" in manager.get(f"{HOME}?show=over").content.decode()

    def test_a_refusal_stands_in_its_form(self, region: Region, manager: Client) -> None:
        row = make_raised(region)
        answer = manager.post(
            f"{HOME}{row.pk}/contain/", {"impact": "none", "severity": "1", "probability": "1"}
        )
        assert answer.status_code == 422
        assert "Say what was done at once" in answer.content.decode()
        assert step(manager, row, "nothing") == 404
        assert manager.get(f"{HOME}{row.pk}/contain/").status_code == 405

    def test_who_acted_is_told_that_another_judges(self, region: Region, manager: Client) -> None:
        row = make_done(region, one_with(region, "quality_manager"))
        answer = manager.post(f"{HOME}{row.pk}/check/", {"is_effective": "yes", "verdict": "fine"})
        assert answer.status_code == 422
        assert "somebody else judge" in answer.content.decode()

    def test_only_of_low_risk_closing_follows_containment(self, region: Region, manager: Client) -> None:
        row = make_contained(region)
        page = manager.get(f"{HOME}{row.pk}/").content.decode()
        assert f"{HOME}{row.pk}/cause/" in page
        assert f"{HOME}{row.pk}/close/" not in page

    @pytest.mark.parametrize(("language", "words"), [("en", "past its day"), ("ru", "срок прошёл")])
    def test_the_list_says_what_is_late(self, region: Region, language: str, words: str) -> None:
        manager = signed_in("quality", language=language)
        technologist = one_with(region, "technologist", region.hub)
        for ago, is_late in ((timedelta(0), False), (timedelta(days=30), True)):
            with acting(technologist):
                happening = Happening("other", "a bottle broke")
                raise_nonconformity(happening, region.hub, by=technologist, at=timezone.now() - ago)
            assert (words in manager.get(HOME).content.decode()) is is_late

    def test_a_technologist_sees_the_way_and_no_forms(self, region: Region) -> None:
        row = make_raised(region)
        page = signed_in("technologist").get(f"{HOME}{row.pk}/").content.decode()
        assert "a bottle broke" in page
        assert "/contain/" not in page


class TestRegisters:
    def test_an_audit_asks_one_question_after_another(self, region: Region, manager: Client) -> None:
        today = timezone.now().date()
        given = {
            "scope": "Reception",
            "auditor": "A. Ivanova",
            "planned_on": today,
            "clauses": ["4.2", "7.5"],
        }
        assert manager.post("/quality/audits/new/", given | {"scope": ""}).status_code == 422
        assert manager.post("/quality/audits/new/", given).status_code == 302
        with acting(region.worker):
            audit, items = Audit.objects.get(), list(AuditItem.objects.order_by("position"))
        address = f"/quality/audits/{audit.pk}/"
        assert manager.post(f"{address}begin/").status_code == 302
        for item, verdict in zip(items, ("conforms", "minor"), strict=True):
            answer = {"verdict": verdict, "evidence": "looked at ten"}
            assert manager.post(f"/quality/audits/items/{item.pk}/", answer).status_code == 302
        assert manager.post(f"{address}report/", {"summary": ""}).status_code == 422
        assert manager.get(f"{address}report/en/").status_code == 404, "what is not reported is not printed"
        assert manager.post(f"{address}report/", {"summary": "one minor"}).status_code == 302
        for language, verdict in (("en", "minor nonconformity"), ("ru", "незначительное несоответствие")):
            printed = text_of(manager.get(f"{address}report/{language}/").content)
            assert ("one minor" in printed, "looked at ten" in printed, verdict in printed) == (True,) * 3
        assert manager.get(f"{address}report/de/").status_code == 404
        page = manager.get(address).content.decode()
        assert "one minor" in page
        assert "2026-0001" in page
        assert "Reception" in manager.get("/quality/audits/").content.decode()
        assert manager.post(f"{address}sing/").status_code == 404

    def test_a_risk_is_entered_rated_and_seen_in_the_matrix(self, region: Region, manager: Client) -> None:
        given = {
            "step": "order",
            "hazard": "two of one name",
            "harm": "wrong result",
            "review_on": "2030-01-01",
        }
        rated = given | {"severity": "4", "probability": "3"}
        assert manager.post("/quality/risks/new/", rated | {"harm": ""}).status_code == 422
        assert manager.post("/quality/risks/new/", rated).status_code == 302
        with acting(region.worker):
            risk = Risk.objects.get()
        address = f"/quality/risks/{risk.pk}/"
        assert manager.post(f"{address}accept/", {"decision": "fine"}).status_code == 422
        assert manager.post(f"{address}control/", {"what": "birth date", "reference": ""}).status_code == 302
        rating = {"severity": "4", "probability": "1", "note": "none in a year"}
        assert manager.post(f"{address}rate/", rating).status_code == 302
        assert manager.post(f"{address}accept/", {"decision": "as low as it can be"}).status_code == 302
        assert manager.post(f"{address}review/", {"note": "x", "review_on": "2031-01-01"}).status_code == 302
        page = manager.get("/quality/risks/").content.decode()
        assert "matrix-before" in page
        assert "birth date" in page
        row = make_raised(region)
        assert step(manager, row, "risk", risk=str(risk.pk)) == 302
        assert row.number in manager.get(address).content.decode()

    @pytest.mark.parametrize(("language", "words"), [("en", "people"), ("ru", "люди")])
    def test_causes_are_drawn_by_frequency(self, region: Region, language: str, words: str) -> None:
        make_done(region, one_with(region, "technologist", region.hub))
        page = (
            signed_in("quality", language=language).get("/quality/nonconformities/causes/").content.decode()
        )
        assert words in page
        assert "pareto-line" in page

    @pytest.mark.usefixtures("region")
    def test_a_nurse_does_not_read_audits_and_risks(self) -> None:
        nurse = signed_in("nurse")
        for address in ("audits/", "risks/", "nonconformities/causes/"):
            assert nurse.get(f"/quality/{address}").status_code == 403


def test_pictures_say_what_they_show() -> None:
    drawn = pareto_picture(pareto({"people": 3, "method": 1}))
    assert "people: 3; method: 1" in drawn
    assert "100 %" in drawn
    assert pareto_picture(()) == ""
    risk = Risk(pk=7, hazard="<b>", severity=5, probability=4, severity_after=5, probability_after=1)
    matrix = matrix_picture([risk])
    assert "7: &lt;b&gt;, 5 × 4 → 5 × 1" in matrix
    assert (matrix.count("matrix-before-number"), matrix.count("matrix-after-number")) == (1, 1)
