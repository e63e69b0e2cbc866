"""The pages of studies: planned, given data, read with the decision first, signed; each refusal in words."""

import re
import subprocess
import sys
from html import unescape
from io import BytesIO

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from aliquot.oversight.studies.jobs import run_evaluation
from aliquot.oversight.studies.models import EvaluationStudy, StudyData
from aliquot.oversight.studies.rules.outline import OUTLINES
from aliquot.registers.catalogue.models import Test
from aliquot.registers.people.actions import DEMO_PASSWORD
from tests.oversight.studies.made import give, make_study, pairs_file, sign
from tests.regions import Region
from tests.tubes import make_analyzer
from tests.web import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NEW = "/quality/studies/new/"
SIGNATURE = {"meaning": "fit for use", "password": DEMO_PASSWORD, "conclusion": ""}


@pytest.fixture
def technologist(region: Region) -> Client:
    return signed_in("technologist")


@pytest.fixture
def doctor(region: Region) -> Client:
    return signed_in("doctor", language="en")


def plan(client: Client, kind: str = "comparison", **changes: str) -> EvaluationStudy | None:
    """Post a plan; the study when it was kept."""
    glucose = Test.objects.get(code="GLUS")
    fields = {
        "title": "New analyzer for glucose",
        "test": glucose.pk,
        "limits-allowable_bias_percent": "5",
        **changes,
    }
    answer = client.post(f"{NEW}{kind}/", fields)
    return EvaluationStudy.objects.latest("id") if answer.status_code == 302 else None


def upload(
    client: Client, study: EvaluationStudy, content: bytes, name: str = "pairs.csv"
) -> tuple[int, str]:
    answer = client.post(f"/quality/studies/{study.pk}/file/", {"file": SimpleUploadedFile(name, content)})
    return answer.status_code, unescape(answer.content.decode())


def shown(client: Client, study: EvaluationStudy) -> str:
    answer = client.get(f"/quality/studies/{study.pk}/")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


def read_of(page: str) -> str:
    found = re.search(r'name="read" value="(\w{64})"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_opens_in_both_languages(region: Region, language: str) -> None:
    open_study, local = make_study(region), make_study(region, "equivalence")
    signed = make_study(region, "bland-altman")
    for one in (local, signed):
        give(region, one)
    sign(region, signed)
    for person in ("technologist", "doctor", "director", "quality"):
        client = signed_in(person, language=language)
        pages = ["/quality/studies/", "/quality/studies/supplies/"]
        pages += [f"/quality/studies/{one.pk}/" for one in (open_study, local, signed)]
        for page in pages:
            assert client.get(page).status_code == 200, (person, page)
    client = signed_in("technologist", language=language)
    for kind in OUTLINES:
        for page in (f"{NEW}{kind}/", f"{NEW}{kind}/template.csv"):
            assert client.get(page).status_code == 200, page
    assert client.get(NEW).status_code == 200
    assert client.get(f"{NEW}comparison/?after={signed.pk}").status_code == 200
    assert client.get(f"{NEW}horoscope/").status_code == 404


def test_who_enters(region: Region) -> None:
    study = make_study(region)
    assert signed_in("reception").get("/quality/studies/").status_code == 403
    assert signed_in("director").get(NEW).status_code == 403
    assert signed_in("director").get("/quality/studies/").status_code == 200
    assert signed_in("technologist").post(f"/quality/studies/{study.pk}/sign/", SIGNATURE).status_code == 403


def test_the_tab_is_there_for_who_measures(region: Region, technologist: Client) -> None:
    assert 'href="/quality/studies/"' in technologist.get("/quality/").content.decode()


def test_a_plan_without_a_limit_is_not_kept(region: Region, technologist: Client) -> None:
    answer = technologist.post(f"{NEW}comparison/", {"title": "t", "test": Test.objects.get(code="K").pk})
    assert answer.status_code == 422
    assert "at least one limit or claim" in answer.content.decode()
    answer = technologist.post(f"{NEW}comparison/", {"title": "t", "unit": "g/L", "limits-tea": "much"})
    assert "tea: 'much' is not a number" in unescape(answer.content.decode())


def test_a_study_from_plan_to_report(region: Region, technologist: Client, doctor: Client) -> None:
    study = plan(technologist, **{"limits-decision_levels": "5; 7"})
    assert study is not None
    assert upload(technologist, study, pairs_file())[0] == 302
    page = shown(technologist, study)
    assert "waits to be evaluated" in page
    assert technologist.get(f"/quality/studies/{study.pk}/progress/").status_code == 200
    assert run_evaluation(study.pk)
    assert technologist.get(f"/quality/studies/{study.pk}/progress/")["HX-Refresh"] == "true"
    page = shown(doctor, study)
    assert (
        page.index("Accepted") < page.index("Bias at 5: ") < page.index("study-picture") < page.index("Slope")
    )
    assert page.count('class="chart study-picture"') == 2
    sent = {**SIGNATURE, "read": read_of(page), "conclusion": "into use"}
    assert doctor.post(f"/quality/studies/{study.pk}/sign/", sent).status_code == 302
    page = shown(doctor, study)
    assert "fit for use" in page
    assert "into use" in page
    assert 'name="file"' not in page
    report = doctor.get(f"/quality/studies/{study.pk}/report.en.pdf")
    assert report["Content-Type"] == "application/pdf"
    assert doctor.get(f"/quality/studies/{study.pk}/report.de.pdf").status_code == 404


def test_a_signature_of_another_reading_is_refused(region: Region, doctor: Client) -> None:
    study = make_study(region)
    give(region, study)
    address = f"/quality/studies/{study.pk}/sign/"
    read = read_of(shown(doctor, study))
    for wrong, said in (
        ({"password": "guess"}, "The password is wrong."),
        ({"meaning": ""}, "This field is required."),
        ({"read": "0" * 64}, "not as you read it"),
    ):
        answer = doctor.post(address, {**SIGNATURE, "read": read, **wrong})
        assert (answer.status_code, said in answer.content.decode()) == (422, True), wrong
    assert doctor.post(address, {**SIGNATURE, "read": read}).status_code == 302


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x;y\n5,1;5,2\n6;abc\n", "y, B3: 'abc' is not a number; correct the cell or leave it empty."),
        (b"x;y\n1;2;3\n", "C2: a value stands in a column without a name; name the column in A1."),
        (b"\x00\x01", "cannot be read as a table"),
        (b"# allowable_bias: 9\nx;y\n1;2\n", "allowable_bias stands in the file and not so in the plan"),
        (b"", "The submitted file is empty."),
    ],
)
def test_a_bad_file_is_told_by_its_cell(
    region: Region, technologist: Client, content: bytes, said: str
) -> None:
    study = make_study(region)
    status, page = upload(technologist, study, content)
    assert status == 422
    assert said in page
    assert not StudyData.objects.exists()


def test_a_bad_file_is_told_in_russian(region: Region) -> None:
    client = signed_in("technologist", language="ru")
    status, page = upload(client, make_study(region), b"x;y\n5,1;5,2\n6;abc\n")
    assert status == 422
    assert "не число" in page


def test_what_the_study_cannot_use_stands_on_its_page(region: Region, technologist: Client) -> None:
    study = make_study(region)
    give(region, study, b"x;z\n1;2\n2;3\n3;4\n")
    page = shown(technologist, study)
    assert "These data cannot be used" in page
    assert "y lacks: give the values of the method on trial" in page


def test_a_rejected_study_says_so_first(region: Region, technologist: Client) -> None:
    study = make_study(region)
    give(region, study, pairs_file(factor=1.3))
    page = shown(technologist, study)
    assert '<h2 id="decision">Rejected</h2>' in page
    russian = shown(signed_in("technologist", language="ru"), study)
    assert '<h2 id="decision">Отклонено</h2>' in russian
    assert "Смещение при 5:" in russian


def test_the_file_comes_back_as_it_was(region: Region, technologist: Client) -> None:
    study = make_study(region)
    give(region, study)
    data = StudyData.objects.get(study=study)
    answer = technologist.get(f"/quality/studies/{study.pk}/data/{data.pk}/")
    assert answer.content == pairs_file()
    assert 'filename="pairs.csv"' in answer["Content-Disposition"]
    other = make_study(region)
    assert technologist.get(f"/quality/studies/{other.pk}/data/{data.pk}/").status_code == 404


def test_a_template_holds_the_plan_and_is_taken_back(region: Region) -> None:
    study = make_study(region)
    client = signed_in("technologist", language="ru")
    answer = client.get(f"/quality/studies/{study.pk}/template.csv")
    text = answer.content.decode("utf-8-sig")
    assert text.splitlines() == ["# allowable_bias_percent: 5", "# decision_levels: 5; 7; 11", "tube;x;y"]
    rows = "".join(f"T;{one}\r\n" for one in pairs_file().decode().splitlines()[1:])
    assert upload(client, study, answer.content + rows.encode())[0] == 302


def test_gathering_says_what_lacks(region: Region, technologist: Client) -> None:
    study = make_study(region)
    span = {"since": "2026-11-01T00:00", "until": "2026-11-30T00:00", "named": ""}
    answer = technologist.post(f"/quality/studies/{study.pk}/gather/", span)
    assert answer.status_code == 422
    assert "no test or no analyzer" in answer.content.decode()


def test_supplies_stand_side_by_side(region: Region, technologist: Client) -> None:
    study = make_study(region, "equivalence")
    for role, supplier in (("candidate", "Diakon-DS"), ("in_use", "Roche")):
        facts = {"supplier": supplier, "product": "Glucose", "price": "12,50", "valid_until": "2029-01-01"}
        sent = {f"{role}-{name}": value for name, value in facts.items()}
        answer = technologist.post(f"/quality/studies/{study.pk}/supply/{role}/", sent)
        assert answer.status_code == 302, answer.content.decode()
    page = technologist.get("/quality/studies/supplies/").content.decode()
    assert page.index("Diakon-DS") < page.index("Roche")
    assert page.count("12.50") == 2
    assert technologist.post(f"/quality/studies/{study.pk}/supply/elsewhere/", {}).status_code == 404
    refused = technologist.post(f"/quality/studies/{study.pk}/supply/candidate/", {"candidate-price": "-1"})
    assert refused.status_code == 422


def test_a_study_is_given_up_with_a_reason_and_followed(region: Region, technologist: Client) -> None:
    study = make_study(region)
    address = f"/quality/studies/{study.pk}/abandon/"
    assert technologist.post(address, {"reason": ""}).status_code == 422
    assert technologist.post(address, {"reason": "wrong reagent"}).status_code == 302
    page = shown(technologist, study)
    assert "wrong reagent" in page
    assert f"/quality/studies/new/comparison/?after={study.pk}" in page
    fields = {"title": "Again", "unit": "mmol/L", "limits-tea": "1"}
    assert technologist.post(f"{NEW}comparison/?after={study.pk}", fields).status_code == 302
    assert EvaluationStudy.objects.latest("id").version == 2


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ["Evaluation study 1, version 1", "Accepted", "Bias at 5: ", "Slope", "Diakon-DS", "Fit for use"],
        ),
        ("ru", ["версия 1", "Принято", "Смещение при 5: ", "Наклон", "Diakon-DS", "Регрессия"]),
    ],
)
def test_the_report_as_paper(region: Region, doctor: Client, language: str, words: list[str]) -> None:
    study = make_study(region, "equivalence")
    give(region, study)
    technologist = signed_in("technologist")
    sent = {"candidate-supplier": "Diakon-DS", "candidate-product": "Glucose FS"}
    technologist.post(f"/quality/studies/{study.pk}/supply/candidate/", sent)
    assert run_evaluation(study.pk)
    signed = sign(region, study, conclusion="Into use")
    document = doctor.get(f"/quality/studies/{study.pk}/report.{language}.pdf").content
    pages = pypdfium2.PdfDocument(BytesIO(document))
    text = " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).split())
    for one in (*words, signed.digest, signed.signed_name):
        assert one in text, (one, text)


def test_pages_do_without_scipy(region: Region) -> None:
    """Asked of a fresh process, for the tests of this one have loaded it."""
    code = (
        "import os, sys; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'aliquot.config.settings');"
        "os.environ['ALIQUOT_APP_URL'] = os.environ['ALIQUOT_OWNER_URL'] = 'postgresql://nobody@127.0.0.1:1/none';"
        "import django; django.setup();"
        "import aliquot.entrypoints.web.quality.studies.urls, aliquot.config.reactions;"
        "sys.exit('scipy' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_another_laboratory_finds_no_study(region: Region) -> None:
    study = make_study(region)
    stranger = signed_in("technologist.novomoskovsk")
    assert stranger.get("/quality/studies/").status_code == 200
    for page in ("", "template.csv", "report.en.pdf", "progress/"):
        assert stranger.get(f"/quality/studies/{study.pk}/{page}").status_code == 404


def test_a_localisation_shows_what_else_was_studied_of_what_is_on_trial(
    region: Region, technologist: Client
) -> None:
    new, old = (make_analyzer(region.hub, "roche_cobas_c311", f"L-{at}", 40_600 + at) for at in (1, 2))
    local = make_study(region, "equivalence", analyzer=new, compared=old)
    assert "further-list" not in shown(technologist, local)
    make_study(region, "precision", analyzer=new, title="Scatter of the local reagent")
    make_study(region, "precision", analyzer=old, title="Scatter of the one in use")
    page = shown(technologist, local)
    assert "Scatter of the local reagent" in page
    assert "Scatter of the one in use" not in page
