"""Reports as a clinic reads them: unseen first, what changed, what is missing, a patient over time."""

import re
from datetime import timedelta

import pytest

from aliquot.flow.orders.models import Order
from aliquot.flow.reports.actions import release_reports
from aliquot.flow.reports.models import Report
from aliquot.flow.results.actions import amend_result, autoverify_batch, enter_result, release_results
from aliquot.flow.results.models import Result
from aliquot.flow.specimens.actions import accept_specimens, reject_tests
from aliquot.foundation.context import acting
from aliquot.registers.patients.models import Patient
from tests.factories import NOW, make_order, make_patient, make_specimen
from tests.regions import Region
from tests.web import signed_in


def reported(region: Region, patient: Patient | None = None, *, rejected: str = "", **values: str) -> Order:
    """An order of which these values were released and reported; `rejected` is a test of the same tube."""
    codes = [*values, *([rejected] if rejected else [])]
    order = make_order(region, *codes, patient=patient)
    specimen = make_specimen(region, order=order)
    with acting(region.worker):
        accept_specimens([specimen.number], site=region.hub, by=region.worker, at=NOW)
        if rejected:
            reject_tests(specimen, [rejected], "HAEM", "", by=region.worker, at=NOW)
        for item in order.items.filter(test__code__in=values).select_related("test"):
            enter_result(item, values[item.test.code], by=region.worker, at=NOW)
        autoverify_batch(limit=100, by=region.worker, at=NOW)
        held = Result.objects.filter(order=order, state="held").values_list("pk", flat=True)
        if held:
            release_results(list(held), by=region.worker, at=NOW)
        release_reports([order.pk], by=region.worker, at=NOW)
    return order


def amended(region: Region, order: Order, code: str, value: str) -> None:
    doctor = region.people["doctor"]
    with acting(doctor):
        result = Result.objects.get(order=order, test__code=code, state="released")
        amend_result(result, value, reason="measured again", by=doctor, at=NOW + timedelta(minutes=5))
    with acting(region.worker):
        release_reports([order.pk], by=region.worker, at=NOW + timedelta(minutes=5))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_opens_in_both_languages(region: Region, language: str) -> None:
    order = reported(region, GLUS="5.2", K="6.9")
    empty = make_order(region)
    client = signed_in("physician", language=language)
    for address in (
        "/reports/",
        "/reports/?show=all",
        "/reports/?q=берёз",
        "/reports/?q=никого",
        f"/reports/{order.number}/",
        f"/reports/{empty.number}/",
        f"/reports/patients/{order.patient_id}/",
    ):
        assert client.get(address).status_code == 200, address


def test_a_critical_report_is_marked_before_it_is_opened(region: Region) -> None:
    reported(region, GLUS="5.2", K="6.9")
    page = signed_in("physician").get("/reports/").content.decode()
    assert "1 critical" in page
    assert "badge-danger" in page


def test_seen_leads_to_the_next_and_leaves_the_list(region: Region) -> None:
    one, other = reported(region, GLUS="5.2"), reported(region, GLUS="5.3")
    client = signed_in("physician")
    response = client.post(f"/reports/{other.number}/seen/", {"next": "1"})
    assert response.headers["Location"] == f"/reports/{one.number}/"
    last = client.post(f"/reports/{one.number}/seen/", {"next": "1"})
    assert last.headers["Location"] == "/reports/"
    assert "Every report was seen" in client.get("/reports/").content.decode()
    assert {one.seen_by for one in Report.objects.all()} == {region.people["physician"].key}


def test_a_corrected_report_shows_what_changed(region: Region) -> None:
    order = reported(region, GLUS="5.2", K="5.6")
    amended(region, order, "K", "4.8")
    client = signed_in("physician")
    page = client.get(f"/reports/{order.number}/").content.decode()
    assert "What this report corrects" in page
    assert '<s class="figures">5.6 mmol/L</s>' in page
    assert "measured again" in page
    earlier = client.get(f"/reports/{order.number}/?version=1").content.decode()
    assert "This is an earlier version." in earlier
    assert "What this report corrects" not in earlier


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_document_in_either_language(region: Region, language: str) -> None:
    order = reported(region, GLUS="5.2")
    client = signed_in("physician")
    response = client.get(f"/reports/{order.number}/1/{language}.pdf")
    assert response.content.startswith(b"%PDF")
    assert response.headers["Content-Disposition"].startswith("inline")
    assert client.get(f"/reports/{order.number}/1/{language}.pdf").content == response.content


def test_a_rejected_test_says_why_and_what_to_do(region: Region) -> None:
    order = reported(region, rejected="K", GLUS="5.2")
    client = signed_in("physician")
    page = client.get(f"/reports/{order.number}/").content.decode()
    assert "Haemolysed" in page
    assert "Draw again without force" in page
    item = order.items.get(test__code="K")
    response = client.post("/collection/recollect/", {"items": [str(item.pk)]})
    assert response.headers["Location"] == f"/ordering/orders/{order.number}/"
    after = client.get(f"/reports/{order.number}/").content.decode()
    assert "Haemolysed" not in after
    assert "to be drawn" in after


def test_results_over_time_hold_only_what_was_released(region: Region) -> None:
    patient = make_patient(region)
    reported(region, patient, GLUS="5.2")
    reported(region, patient, GLUS="7.7")
    held = make_specimen(region, order=make_order(region, "GLUS", patient=patient))
    with acting(region.worker):
        accept_specimens([held.number], site=region.hub, by=region.worker, at=NOW)
        enter_result(held.order.items.get(), "31.4", by=region.worker, at=NOW)
    page = signed_in("physician").get(f"/reports/patients/{patient.pk}/").content.decode()
    assert "7.7" in page
    assert "trend-small" in page
    assert "31.4" not in page
    russian = signed_in("physician", language="ru").get(f"/reports/patients/{patient.pk}/").content.decode()
    printed = re.findall(r'(\d+.\d) <span class="unit">|<strong class="figures">(\d+.\d)</strong>', russian)
    assert sorted("".join(one) for one in printed) == ["5,2", "7,7"]


def test_an_order_number_finds_its_report(region: Region) -> None:
    order = reported(region, GLUS="5.2")
    response = signed_in("physician").get("/reports/", {"q": order.number})
    assert response.headers["Location"] == f"/reports/{order.number}/"


@pytest.mark.parametrize(
    ("username", "address", "status"),
    [
        ("courier", "/reports/", 403),
        ("physician", "/reports/L1/", 404),
        ("physician", "/reports/patients/999999/", 404),
        ("physician", "/reports/L1/1/en.pdf", 404),
    ],
)
def test_who_may_not(region: Region, username: str, address: str, status: int) -> None:
    assert signed_in(username).get(address).status_code == status


def test_another_clinic_and_a_language_nobody_prints(region: Region) -> None:
    order = reported(region, GLUS="5.2")
    assert signed_in("physician").get(f"/reports/{order.number}/1/de.pdf").status_code == 404
    client = signed_in("nurse.yefremov")
    assert client.get(f"/reports/{order.number}/").status_code == 404
    assert client.get(f"/reports/{order.number}/1/en.pdf").status_code == 404
    assert client.post(f"/reports/{order.number}/seen/").status_code == 404
