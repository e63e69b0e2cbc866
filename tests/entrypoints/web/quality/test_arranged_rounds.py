"""Pages of who organises: rounds planned, checked, read in, evaluated; scores as pictures, failures as cases."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from aliquot.foundation.context import acting
from aliquot.oversight.improvement.jobs import follow_failures
from aliquot.oversight.improvement.models import Nonconformity
from aliquot.oversight.proficiency.models import (
    FailureCase,
    FailureStep,
    MaterialCheck,
    Participation,
    ProficiencyRound,
    ProficiencyScore,
)
from tests.entrypoints.web.quality.rounds import HUB, evaluated, sheet, words
from tests.oversight.proficiency.made import Stage, items_of
from tests.regions import Region
from tests.web import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
D = Decimal


class TestArranging:
    def plan(self, **changes: str) -> dict[str, Any]:
        now = timezone.now() + timedelta(days=5)
        given = {
            "code": "2026-12", "submit_by": now.strftime("%Y-%m-%dT%H:%M"), "needed_percent": "80",
            "scheme": "chemistry", "material": "pooled serum",
            "basis_0": "reference", "assigned_0": "5,0", "u_assigned_0": "0.02", "sigma_0": "0.2",
            "basis_1": "expert", "assigned_1": "positive", "basis_2": "", "basis_3": "expert", "assigned_3": "negative",
        }  # fmt: skip
        return given | changes

    def sites(self, stage: Stage) -> dict[str, str]:
        return {f"site_{stage.hub.pk}": "01", f"site_{stage.spoke.pk}": "02"}

    def test_a_round_is_planned(self, stage: Stage, quality: Client) -> None:
        path = "/quality/eqa/plan/?kind=own&samples=S1+S2&tests=glus+HBSAG"
        assert quality.post(path, self.plan() | self.sites(stage)).status_code == 302
        found = ProficiencyRound.objects.get()
        assert (found.code, found.organiser_id, found.scheme) == ("2026-12", stage.hub.pk, "chemistry")
        items = [(one.sample.code, one.test.code) for one in items_of(found)]
        assert items == [("S1", "GLUS"), ("S1", "HBSAG"), ("S2", "HBSAG")]
        with acting(stage.manager):
            target = items_of(found)[0].target
            assert (target.assigned, target.sigma, target.basis) == (D(5), D("0.2"), "reference")
            assert set(Participation.objects.values_list("code", flat=True)) == {"01", "02"}
        assert "2026-12" in words(quality, "/quality/eqa/")

    def test_a_plan_is_refused_in_words(self, stage: Stage, quality: Client) -> None:
        assert "no test XXX" in words(quality, "/quality/eqa/plan/?kind=own&samples=S1&tests=XXX", 422)
        path = "/quality/eqa/plan/?kind=own&samples=S1+S2&tests=GLUS+HBSAG"
        answer = quality.post(path, self.plan(code="") | self.sites(stage))
        assert answer.status_code == 422
        assert answer.context["form"].errors["code"] == ["Give the round a number or name."]
        answer = quality.post(path, self.plan(assigned_0="") | self.sites(stage))
        assert "enter the assigned value" in answer.content.decode()
        assert not ProficiencyRound.objects.exists()

    def test_who_does_not_manage_quality_plans_nothing(self, found: ProficiencyRound, spoke: Client) -> None:
        assert spoke.get("/quality/eqa/plan/").status_code == 403
        assert spoke.get(f"/quality/eqa/rounds/{found.pk}/").status_code == 403

    def test_a_provider_s_round_from_its_tables(self, stage: Stage, quality: Client) -> None:
        path = "/quality/eqa/plan/?kind=provider&samples=S1&tests=GLUS+K"
        given = self.plan(provider="FSVOK", code="P-7", basis_0="consensus", basis_1="consensus")
        assert quality.post(path, given | {f"site_{stage.hub.pk}": "1234"}).status_code == 302
        found = ProficiencyRound.objects.get()
        page = f"/quality/eqa/rounds/{found.pk}/"
        results = "sample,test,value\nS1,GLUS,5.0\nS1,K,4.1\n"
        assert (
            quality.post(
                f"{page}results/", {"file": SimpleUploadedFile("r.csv", results.encode())}
            ).status_code
            == 302
        )
        assert quality.post(f"{sheet(found, HUB)}submit/").status_code == 302
        answer = quality.post(f"{page}close/")
        assert "Read in the provider" in answer.content.decode()
        wrong = "sample,test,assigned,sigma_pt,z\nS1,GLUS,5.1,0.2,\nS1,K,four,0.1,\n"
        answer = quality.post(f"{page}report/", {"file": SimpleUploadedFile("p.csv", wrong.encode())})
        assert (answer.status_code, "C3" in answer.content.decode()) == (422, True)
        right = "sample,test,assigned,sigma_pt,z\nS1,GLUS,5.1,0.2,-0.5\nS1,K,4.5,0.1,-4\n"
        assert (
            quality.post(f"{page}report/", {"file": SimpleUploadedFile("p.csv", right.encode())}).status_code
            == 302
        )
        extended = timezone.now() + timedelta(days=9)
        assert (
            quality.post(f"{page}extend/", {"submit_by": extended.strftime("%Y-%m-%dT%H:%M")}).status_code
            == 302
        )
        assert quality.post(f"{page}close/").status_code == 302
        assert [one.signal for one in ProficiencyScore.objects.order_by("id")] == ["acceptable", "action"]
        assert "the provider says:" in words(quality, sheet(found, HUB))

    def test_a_round_waits_and_says_for_whom(self, found: ProficiencyRound, quality: Client) -> None:
        answer = quality.post(f"/quality/eqa/rounds/{found.pk}/close/")
        assert answer.status_code == 422
        assert "2 of 2 laboratories have not submitted" in answer.content.decode()

    def test_a_round_is_given_up_with_a_reason(self, found: ProficiencyRound, quality: Client) -> None:
        path = f"/quality/eqa/rounds/{found.pk}/cancel/"
        assert quality.post(path, {"note": ""}).status_code == 422
        assert quality.post(path, {"note": "the box thawed"}).status_code == 302
        found.refresh_from_db()
        assert (found.state, found.note) == ("cancelled", "the box thawed")

    def test_the_material_is_checked(self, found: ProficiencyRound, quality: Client) -> None:
        item = items_of(found)[0].pk
        path = f"/quality/eqa/items/{item}/homogeneity/"
        portions = "\n".join("5.00 5,01" for _ in range(10))
        assert quality.post(path, {"values": portions}).status_code == 302
        assert MaterialCheck.objects.get().is_passed
        assert "five" in quality.post(path, {"values": "5.0 five"}).content.decode()
        assert quality.post(path, {"values": "5.0"}).status_code == 422
        path = f"/quality/eqa/items/{item}/stability/"
        assert quality.post(path, {"before": "5.0 5.0", "after": "5.9 5.9"}).status_code == 302
        assert not MaterialCheck.objects.get(kind="stability").is_passed
        assert "not passed" in words(quality, f"/quality/eqa/items/{item}/")


class TestScores:
    def test_each_sees_how_it_did_and_no_more(
        self, found: ProficiencyRound, quality: Client, spoke: Client
    ) -> None:
        item = items_of(found)[0].pk
        assert "hidden until the round is evaluated" in words(spoke, f"/quality/eqa/items/{item}/")
        evaluated(quality, spoke, found)
        page = words(spoke, sheet(found))
        assert 'class="chart z-rows"' in page
        assert 'class="chart youden"' in page
        assert "z +3.50" in page
        assert "not satisfactory" in page
        page = words(spoke, f"/quality/eqa/items/{item}/")
        assert 'class="chart histogram"' in page
        assert page.count("histogram-own-mark") == 1
        assert "Scores by laboratory" not in page
        assert "Scores by laboratory" in words(quality, f"/quality/eqa/items/{item}/")
        trend = words(spoke, "/quality/eqa/tests/GLUS/")
        assert 'class="chart z-trend"' in trend
        assert "+4.00" in trend

    def test_the_organiser_sees_all_side_by_side(
        self, found: ProficiencyRound, quality: Client, spoke: Client
    ) -> None:
        evaluated(quality, spoke, found)
        page = words(quality, f"/quality/eqa/rounds/{found.pk}/")
        assert page.count('class="score-cell"') == 8
        assert 'class="chart youden"' in page
        assert "?test=K" in page

    def test_a_test_says_how_it_did_last(
        self, found: ProficiencyRound, quality: Client, spoke: Client
    ) -> None:
        evaluated(quality, spoke, found)
        page = words(spoke, "/quality/eqa/")
        assert "no round runs" in page
        assert ">failed<" in page


class TestCases:
    @pytest.fixture
    def case(self, found: ProficiencyRound, quality: Client, spoke: Client) -> FailureCase:
        evaluated(quality, spoke, found)
        return FailureCase.objects.order_by("id")[0]

    def answer(
        self, client: Client, case: FailureCase, step: str, finding: str, note: str = "looked at"
    ) -> int:
        given = {"step": step, "finding": finding, "note": note}
        return client.post(f"/quality/eqa/cases/{case.pk}/answer/", given).status_code

    def test_a_case_is_worked_off_by_the_bench_and_closed_by_the_manager(
        self, case: FailureCase, quality: Client, spoke: Client
    ) -> None:
        path = f"/quality/eqa/cases/{case.pk}/"
        assert path in words(spoke, "/quality/eqa/")
        assert path in words(quality, "/quality/eqa/")
        assert self.answer(spoke, case, "clerical", "excluded", " ") == 422
        assert self.answer(spoke, case, "analyzer", "cause") == 422
        assert self.answer(spoke, case, "nonsense", "cause") == 422
        for step in ("clerical", "sample", "method_group"):
            assert self.answer(spoke, case, step, "excluded") == 302
        assert self.answer(spoke, case, "analyzer", "cause", "calibrator of an old lot") == 302
        page = words(spoke, path)
        assert "calibrator of an old lot" in page
        by_step = FailureStep.objects.order_by("id").values_list("step", "by")
        assert {by for _step, by in by_step} == {spoke.get(path).context["request"].actor.key}
        assert self.answer(spoke, case, "patient_impact", "impact") == 302
        assert "who manages quality closes the case" in words(spoke, path)
        assert spoke.post(f"{path}close/", {"conclusion": "x"}).status_code == 403
        assert quality.post(f"{path}close/", {"conclusion": ""}).status_code == 422
        assert quality.post(f"{path}close/", {"conclusion": "recalibrated"}).status_code == 302
        case.refresh_from_db()
        assert (case.state, case.cause, case.conclusion) == ("closed", "analyzer", "recalibrated")
        assert "recalibrated" in words(spoke, path)
        assert path in words(spoke, "/quality/eqa/cases/")

    def test_what_helps_to_answer_stands_beside(self, case: FailureCase, spoke: Client) -> None:
        page = words(spoke, f"/quality/eqa/cases/{case.pk}/")
        for name in ("histogram", "z-rows", "z-trend"):
            assert f'class="chart {name}"' in page
        assert "histogram-others" in page, "the hub's value, without its name"

    def test_the_nonconformity_that_it_opened_is_named(
        self, case: FailureCase, region: Region, spoke: Client
    ) -> None:
        assert ">Nonconformity<" not in words(spoke, f"/quality/eqa/cases/{case.pk}/")
        with acting(region.worker):
            follow_failures([case.pk], timezone.now())
            number = Nonconformity.objects.get().number
        assert number in words(spoke, f"/quality/eqa/cases/{case.pk}/")

    def test_others_do_not_open_it(self, case: FailureCase) -> None:
        assert signed_in("technologist").get(f"/quality/eqa/cases/{case.pk}/").status_code == 404
