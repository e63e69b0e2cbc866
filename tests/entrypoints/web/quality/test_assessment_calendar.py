"""The calendar of assessment on its page, what of it stands on the board, and further analyzers on the sheet."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from aliquot.foundation.context import acting
from aliquot.oversight.proficiency.actions import SchemePlan, plan_scheme
from aliquot.oversight.proficiency.models import (
    FailureCase,
    PlannedRound,
    ProficiencyResult,
    ProficiencyRound,
)
from tests.entrypoints.web.quality.rounds import HUB, SPOKE, returned, running, sheet, words
from tests.factories import make_accepted, make_decided
from tests.oversight.proficiency.made import Stage, items_of, make_stage
from tests.regions import Region
from tests.tubes import make_analyzer
from tests.web import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
CALENDAR = "/quality/eqa/calendar/"


@pytest.fixture
def stage(region: Region) -> Stage:
    return make_stage(region)


@pytest.fixture
def quality(region: Region) -> Client:
    return signed_in("quality")


@pytest.fixture
def spoke(region: Region) -> Client:
    return signed_in("technologist.novomoskovsk")


def scheme(**changes: str) -> dict[str, str]:
    given = {
        "scheme": "Chemistry", "provider": "FSVOK", "tests": "glus, K", "first": timezone.localdate().isoformat(),
        "due_after": "14", "every_months": "3", "count": "4",
    }  # fmt: skip
    return given | changes


def planned(stage: Stage, days: int) -> PlannedRound:
    """A round of a provider whose samples come so many days from now."""
    with acting(stage.manager):
        day = timezone.localdate() + timedelta(days=days)
        asked = SchemePlan("Chemistry", day, 10, ("GLUS",), "FSVOK")
        return plan_scheme(asked, laboratory=stage.hub, by=stage.manager, at=timezone.now())[0]


class TestCalendar:
    def test_a_scheme_is_planned_and_opened_from_its_line(self, stage: Stage, quality: Client) -> None:
        assert "No round is planned" in words(quality, CALENDAR)
        assert quality.post(f"{CALENDAR}add/", scheme()).status_code == 302
        assert PlannedRound.objects.count() == 4
        page = words(quality, CALENDAR)
        first = PlannedRound.objects.order_by("samples_on")[0]
        opening = f"/quality/eqa/plan/?kind=provider&samples=S1&tests=GLUS+K&planned={first.pk}"
        assert opening.replace("&", "&amp;") in page
        form = quality.get(opening).context["form"]
        assert (form["scheme"].value(), form["provider"].value()) == ("Chemistry", "FSVOK")
        given = {
            "code": "26-1", "scheme": "Chemistry", "provider": "FSVOK", "needed_percent": "80",
            "submit_by": (timezone.now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M"),
            "basis_0": "consensus", "basis_1": "consensus", f"site_{stage.hub.pk}": "77",
        }  # fmt: skip
        assert quality.post(opening, given).status_code == 302
        first.refresh_from_db()
        assert first.round == ProficiencyRound.objects.get()
        assert "26-1" in words(quality, CALENDAR)

    def test_what_is_wrong_stands_beside_its_field(self, quality: Client) -> None:
        answer = quality.post(f"{CALENDAR}add/", scheme(tests="NOSUCH", count="0"))
        assert answer.status_code == 422
        assert "no test NOSUCH" in answer.context["adding"].errors["tests"][0]
        assert "from 1 to 24" in answer.context["adding"].errors["count"][0]

    def test_a_round_is_taken_out_with_a_reason(self, stage: Stage, quality: Client) -> None:
        found = planned(stage, 5)
        path = f"/quality/eqa/planned/{found.pk}/drop/"
        assert quality.post(path, {"reason": ""}).status_code == 422
        assert quality.post(path, {"reason": "no samples this year"}).status_code == 302
        assert "no samples this year" in words(quality, CALENDAR)
        assert quality.post(path, {"reason": "again"}).status_code == 422

    def test_who_measures_reads_it_and_changes_nothing(self, stage: Stage) -> None:
        found, bench = planned(stage, 5), signed_in("technologist")
        page = words(bench, CALENDAR)
        assert "Chemistry" in page
        assert "Plan the rounds" not in page
        assert bench.post(f"{CALENDAR}add/", scheme()).status_code == 403
        assert bench.post(f"/quality/eqa/planned/{found.pk}/drop/", {"reason": "x"}).status_code == 403
        assert "Chemistry" not in words(signed_in("technologist.novomoskovsk"), CALENDAR)

    @pytest.mark.parametrize("language", ["en", "ru"])
    def test_it_opens_in_both_languages(self, stage: Stage, language: str) -> None:
        planned(stage, -9)
        planned(stage, 3)
        words(signed_in("quality", language=language), CALENDAR)
        page = words(signed_in("quality", language=language), "/quality/eqa/")
        assert (">planned " if language == "en" else ">в плане на ") in page
        assert ("not assessed yet" if language == "en" else "ещё не оценивался") in page


class TestBoard:
    def test_samples_that_did_not_come_stand_on_the_board(self, stage: Stage, quality: Client) -> None:
        planned(stage, -9)
        planned(stage, 3)
        page = words(quality, "/quality/")
        assert page.count(">samples overdue</span>") == 1
        assert "samples overdue" not in words(signed_in("technologist"), "/quality/"), "who cannot open it"

    def test_late_returns_stand_on_the_board_until_they_are_submitted(
        self, stage: Stage, spoke: Client, quality: Client
    ) -> None:
        found = running(stage)  # three days are left
        page = words(spoke, "/quality/")
        assert "results due" in page
        assert sheet(found) in page
        with acting(stage.manager):
            past = timezone.now() - timedelta(days=31)
            ProficiencyRound.objects.filter(pk=found.pk).update(submit_by=past)
        assert "results late" in words(spoke, "/quality/")
        assert "not evaluated" not in words(spoke, "/quality/")
        assert "not evaluated" in words(quality, "/quality/")
        with acting(stage.manager):
            later = timezone.now() + timedelta(days=1)
            ProficiencyRound.objects.filter(pk=found.pk).update(submit_by=later)
        returned(spoke, found, "5.0", "4.0", "5.0", "4.0")
        assert "results due" not in words(spoke, "/quality/")


class TestFurtherAnalyzers:
    @pytest.fixture
    def found(self, region: Region, stage: Stage) -> ProficiencyRound:
        """Running; the hub took its first sample in as a tube that two analyzers measured."""
        made = running(stage)
        tube = make_accepted(region, "GLUS", "K")
        client = signed_in("technologist")
        sample = items_of(made)[0].sample.pk
        given = {f"condition_{sample}": "good", f"tube_{sample}": tube.number}
        assert client.post(f"{sheet(made, HUB)}receive/", given).status_code == 302
        for at, value in ((1, "5.0"), (2, "5.9")):
            analyzer = make_analyzer(region.hub, "roche_cobas_c311", f"A-{at}", 40_500 + at)
            make_decided(region, tube, "GLUS", value, analyzer_id=analyzer.pk)
        assert client.post(f"{sheet(made, HUB)}measured/").status_code == 302
        return made

    def test_both_stand_on_the_sheet_and_one_is_returned(self, found: ProficiencyRound) -> None:
        page = words(signed_in("technologist"), sheet(found, HUB))
        assert "GLUS A-2" in page
        assert "Only 1 of 4 results are kept" in page

    def test_one_is_typed_and_a_refusal_stands_in_its_field(self, found: ProficiencyRound) -> None:
        client, path = signed_in("technologist"), f"{sheet(found, HUB)}further/"
        glucose, potassium = items_of(found)[:2]
        answer = client.post(path, {"item": glucose.pk, "analyzer": "A-1", "value": "5.1"})
        assert answer.status_code == 422
        assert "Choose another" in answer.context["further_form"].errors["analyzer"][0]
        answer = client.post(path, {"item": potassium.pk, "analyzer": "A-2", "value": "4.1"})
        assert "is returned first" in answer.content.decode()
        assert client.post(path, {"item": glucose.pk, "analyzer": "A-2", "value": "5,8"}).status_code == 302
        assert ProficiencyResult.objects.get(is_further=True).text == "5,8"
        nobody = {"item": glucose.pk, "analyzer": "NONE", "value": "5"}
        assert client.post(path, nobody).status_code == 422

    @pytest.mark.parametrize("language", ["en", "ru"])
    def test_each_is_scored_and_shown_by_its_analyzer(
        self, found: ProficiencyRound, spoke: Client, language: str
    ) -> None:
        quality = signed_in("quality", language=language)
        assert quality.post(f"{sheet(found, HUB)}submit/").status_code == 302
        returned(spoke, found, "5.0", "4.0", "5.1", "4.0", site=SPOKE)
        assert quality.post(f"/quality/eqa/rounds/{found.pk}/close/").status_code == 302
        page = words(quality, sheet(found, HUB))
        assert "GLUS A-2" in page
        case = FailureCase.objects.get(score__is_further=True)
        assert page.count(f"/quality/eqa/cases/{case.pk}/") == 1, "the case is of the further analyzer"
        assert "A-2" in words(quality, f"/quality/eqa/rounds/{found.pk}/")
        assert "A-2, " in words(quality, f"/quality/eqa/items/{items_of(found)[0].pk}/")
        assert "?analyzer=A-2" in words(quality, "/quality/eqa/")
        comma = "," if language == "ru" else "."
        course = words(quality, "/quality/eqa/tests/GLUS/?analyzer=A-2")
        assert f"+4{comma}50" in course
        assert f"+4{comma}50" not in words(quality, "/quality/eqa/tests/GLUS/")
        words(quality, f"/quality/eqa/cases/{case.pk}/")
