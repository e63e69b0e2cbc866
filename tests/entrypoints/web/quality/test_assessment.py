"""Pages of external assessment at the bench: what is due, received, returned; each refusal in its place."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from aliquot.oversight.proficiency.models import (
    FailureCase,
    Participation,
    ProficiencyResult,
    ProficiencyRound,
    SampleReceipt,
)
from tests.entrypoints.web.quality.rounds import (
    HUB,
    SPOKE,
    evaluated,
    returned,
    sheet,
    values,
    words,
)
from tests.factories import make_accepted, make_decided
from tests.oversight.proficiency.made import Stage, items_of
from tests.regions import Region
from tests.web import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
D = Decimal


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_opens_in_both_languages(
    stage: Stage, found: ProficiencyRound, spoke: Client, language: str
) -> None:
    quality = signed_in("quality", language=language)
    item = items_of(found)[0].pk
    for path in (
        "", "tests/GLUS/", "plan/", "plan/?kind=own&samples=S1+S2&tests=GLUS+HBSAG", f"rounds/{found.pk}/",
        "plan/?kind=provider&samples=S1&tests=GLUS", f"rounds/{found.pk}/at/{HUB}/", f"items/{item}/", "cases/",
    ):  # fmt: skip
        assert "<h1" in words(quality, f"/quality/eqa/{path}")
    evaluated(quality, spoke, found)
    case = FailureCase.objects.latest("id").pk
    for path in (
        "", "tests/GLUS/", f"rounds/{found.pk}/", f"rounds/{found.pk}/?test=K", f"rounds/{found.pk}/at/{SPOKE}/",
        f"items/{item}/", "cases/", f"cases/{case}/",
    ):  # fmt: skip
        assert "<h1" in words(quality, f"/quality/eqa/{path}")


class TestDue:
    def test_what_is_due_stands_first(self, found: ProficiencyRound, spoke: Client) -> None:
        page = words(spoke, "/quality/eqa/")
        assert sheet(found) in page
        assert "received 0 of 2, returned 0 of 4" in page
        assert "2 d 23 h left" in page
        returned(spoke, found, "5.0", "4.0", "5.0", "4.0")
        assert "No results are due" in words(spoke, "/quality/eqa/")

    @pytest.mark.usefixtures("found")
    def test_a_test_says_when_it_is_next_due(self, spoke: Client) -> None:
        page = words(spoke, "/quality/eqa/")
        assert "first round runs" in page
        assert "/quality/eqa/tests/GLUS/" in page

    def test_others_do_not_enter(self, found: ProficiencyRound) -> None:
        assert signed_in("nurse").get("/quality/eqa/").status_code == 403
        assert signed_in("reception").get(sheet(found)).status_code == 403


class TestReceipt:
    def test_a_sample_is_taken_in_with_its_condition_and_tube(
        self, region: Region, found: ProficiencyRound
    ) -> None:
        tube = make_accepted(region, "GLUS", "K")
        first, second = (one.sample for one in (items_of(found)[0], items_of(found)[2]))
        client = signed_in("technologist")
        path = f"{sheet(found, HUB)}receive/"
        given = {f"condition_{first.pk}": "good", f"tube_{first.pk}": tube.number}
        assert client.post(path, given).status_code == 302
        kept = SampleReceipt.objects.get()
        assert (kept.sample_id, kept.condition, kept.specimen_id) == (first.pk, "good", tube.pk)
        page = words(client, sheet(found, HUB))
        assert tube.number in page
        assert f'name="condition_{first.pk}"' not in page
        assert f'name="condition_{second.pk}"' in page

    def test_what_is_refused_stands_beside_its_field(self, found: ProficiencyRound, spoke: Client) -> None:
        sample = items_of(found)[0].sample.pk
        answer = spoke.post(f"{sheet(found)}receive/", {f"condition_{sample}": "leaking"})
        assert answer.status_code == 422
        assert answer.context["receipt"].errors[f"note_{sample}"] == [
            "Say what was wrong with the sample: the organiser needs to know."
        ]
        answer = spoke.post(
            f"{sheet(found)}receive/", {f"condition_{sample}": "good", f"tube_{sample}": "12"}
        )
        assert "has no tube 12" in answer.context["receipt"].errors[f"tube_{sample}"][0]
        assert not SampleReceipt.objects.exists()
        assert "at least one sample" in spoke.post(f"{sheet(found)}receive/", {}).content.decode()

    def test_the_tube_is_named_later(self, region: Region, found: ProficiencyRound) -> None:
        client, sample = signed_in("technologist"), items_of(found)[0].sample.pk
        path = f"{sheet(found, HUB)}receive/"
        client.post(path, {f"condition_{sample}": "good"})
        tube = make_accepted(region, "GLUS")
        assert client.post(path, {f"tube_{sample}": tube.number}).status_code == 302
        assert SampleReceipt.objects.get().specimen_id == tube.pk


class TestResults:
    def test_results_are_kept_and_may_change_until_they_are_submitted(
        self, found: ProficiencyRound, spoke: Client
    ) -> None:
        path = f"{sheet(found)}results/"
        spoke.post(path, values(found, "5,1", "", "5.2", ""))
        spoke.post(path, values(found, "5.1", "", "5.3", "4.1"))
        kept = {one.item_id: one.value for one in ProficiencyResult.objects.all()}
        ids = [one.pk for one in items_of(found)]
        assert kept == {ids[0]: D("5.1"), ids[2]: D("5.3"), ids[3]: D("4.1")}
        page = words(spoke, sheet(found))
        assert "Only 3 of 4 results are kept" in page
        spoke.post(f"{sheet(found)}submit/")
        assert Participation.objects.get(laboratory__code=SPOKE).submitted_at is not None
        answer = spoke.post(path, values(found, "9", "", "", ""))
        assert answer.status_code == 422
        assert "were submitted and stand" in answer.content.decode()
        assert 'id="results-form"' not in words(spoke, sheet(found))

    def test_a_value_in_another_unit_is_shown_in_the_unit_of_the_item(
        self, found: ProficiencyRound, spoke: Client
    ) -> None:
        glucose = items_of(found)[0].pk
        spoke.post(
            f"{sheet(found)}results/", {**values(found, "5000", "", "", ""), f"unit_{glucose}": "umol/L"}
        )
        assert ProficiencyResult.objects.get().value == 5
        form = spoke.get(sheet(found)).context["results"]
        assert form[f"value_{glucose}"].value() == "5"
        spoke.post(f"{sheet(found)}results/", values(found, "5", "4.0", "", ""))
        assert ProficiencyResult.objects.get(item_id=glucose).text == "5000", "it was not changed"

    def test_a_fault_keeps_nothing_and_stands_beside_its_value(
        self, found: ProficiencyRound, spoke: Client
    ) -> None:
        second = items_of(found)[1].pk
        answer = spoke.post(f"{sheet(found)}results/", values(found, "5.1", "four", "", ""))
        assert answer.status_code == 422
        assert "is no number" in answer.context["results"].errors[f"value_{second}"][0]
        assert "5.1" in answer.content.decode()
        assert not ProficiencyResult.objects.exists()

    def test_results_are_taken_from_the_measured_tube(self, region: Region, found: ProficiencyRound) -> None:
        client = signed_in("technologist")
        assert "Name the tubes first" in client.post(f"{sheet(found, HUB)}measured/").content.decode()
        tube = make_accepted(region, "GLUS", "K")
        make_decided(region, tube, "GLUS", "5.1")
        sample = items_of(found)[0].sample.pk
        client.post(
            f"{sheet(found, HUB)}receive/", {f"condition_{sample}": "good", f"tube_{sample}": tube.number}
        )
        assert client.post(f"{sheet(found, HUB)}measured/").status_code == 302
        kept = ProficiencyResult.objects.get()
        assert (kept.value, kept.analyzer is None, bool(kept.result_id)) == (D("5.1"), False, True)
        assert "from the tube" in words(client, sheet(found, HUB))
        client.post(
            f"{sheet(found, HUB)}results/", {f"value_{kept.item_id}": "5.1", f"u_{kept.item_id}": "0.1"}
        )
        kept.refresh_from_db()
        assert (kept.u, bool(kept.result_id)) == (D("0.1"), True), "the value is still the tube's"

    def test_a_table_names_the_cell_that_is_wrong(self, found: ProficiencyRound, spoke: Client) -> None:
        path = f"{sheet(found)}file/"
        wrong = "sample;test;value\nS1;GLUS;5.1\nS1;K;four\nS7;K;4\n"
        answer = spoke.post(path, {"file": SimpleUploadedFile("r.csv", wrong.encode())})
        assert answer.status_code == 422
        assert "B4" in answer.content.decode() or "C4" in answer.content.decode()
        assert not ProficiencyResult.objects.exists()
        right = "sample;test;value\nS1;GLUS;5,1\nS2;K;4.2\n"
        assert spoke.post(path, {"file": SimpleUploadedFile("r.csv", right.encode())}).status_code == 302
        assert ProficiencyResult.objects.count() == 2
        assert spoke.post(path, {}).status_code == 422

    def test_one_laboratory_does_not_write_for_another(self, found: ProficiencyRound, spoke: Client) -> None:
        assert spoke.get(sheet(found, HUB)).status_code == 404
        assert (
            spoke.post(f"{sheet(found, HUB)}results/", values(found, "1", "1", "1", "1")).status_code == 404
        )
        assert (
            signed_in("quality").post(f"{sheet(found)}results/", values(found, "5", "", "", "")).status_code
            == 302
        )


def test_one_who_measures_sees_no_assigned_value_before(found: ProficiencyRound, spoke: Client) -> None:
    page = words(spoke, sheet(found)) + words(spoke, f"/quality/eqa/items/{items_of(found)[0].pk}/")
    assert "0.02" not in page
