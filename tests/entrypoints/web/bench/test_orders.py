"""Orders to analyzers: what failed is seen and decided, a work list is sent beforehand, a repeat is diluted."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from aliquot.flow.instruments.actions import (
    KeptMessage,
    keep_messages,
    queue_orders,
    start_driver,
    stop_driver,
    stretch_of,
)
from aliquot.flow.instruments.models import Analyzer, WorkRequest
from aliquot.flow.results.models import Result
from aliquot.foundation.context import acting
from tests.factories import NOW, make_accepted, make_result
from tests.regions import Region
from tests.tubes import make_analyzer
from tests.web import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
ORDERS = "/bench/orders/"


@pytest.fixture
def analyzer(region: Region) -> Analyzer:
    """An analyzer that is told unasked, and asks as well."""
    made = make_analyzer(region.hub, "sysmex_xn", "XN-O")
    Analyzer.objects.filter(pk=made.pk).update(query_policy="both")
    made.refresh_from_db()
    return made


def make_request(region: Region, analyzer: Analyzer, state: str = "queued", detail: str = "") -> WorkRequest:
    """An order of a new tube, as far as it came."""
    tube = make_accepted(region, "WBC")
    with acting(region.worker):
        queue_orders(analyzer, [tube.number], codes=["WBC"], by=region.worker, at=NOW)
        made = WorkRequest.objects.get(specimen=tube)
        for step in ("sending", state) if state != "queued" else ():
            WorkRequest.objects.filter(pk=made.pk).update(state=step, detail=detail)
    made.refresh_from_db()
    return made


def state_of(request: WorkRequest) -> str:
    request.refresh_from_db()
    return request.state


def test_what_failed_stands_first_with_its_reason(region: Region, analyzer: Analyzer, doctor: Client) -> None:
    waiting, refused = (
        make_request(region, analyzer),
        make_request(region, analyzer, "refused", "rack is full"),
    )
    page = doctor.get(ORDERS)
    assert [row.id for row in page.context["rows"]] == [refused.pk, waiting.pk]
    assert "rack is full" in page.content.decode()
    assert [tab.waiting for tab in page.context["tabs"] if tab.url_name == "orders"] == [1]
    for language in ("en", "ru"):
        assert signed_in("technologist", language=language).get(ORDERS).status_code == 200


@pytest.mark.parametrize("state", ["refused", "undelivered"])
def test_a_person_sends_again_or_withdraws(
    region: Region, analyzer: Analyzer, doctor: Client, state: str
) -> None:
    again, never = make_request(region, analyzer, state), make_request(region, analyzer, state)
    assert doctor.post(f"{ORDERS}{again.pk}/send/", {"reason": "mended"}).status_code == 302
    assert doctor.post(f"{ORDERS}{never.pk}/withdraw/", {"ready": "Measured by hand"}).status_code == 302
    assert (state_of(again), state_of(never)) == ("queued", "withdrawn")
    assert [row.id for row in doctor.get(f"{ORDERS}?list=told").context["rows"]] == [never.pk]


def test_without_a_reason_nothing_happens(region: Region, analyzer: Analyzer, doctor: Client) -> None:
    request = make_request(region, analyzer, "refused")
    page = doctor.post(f"{ORDERS}{request.pk}/withdraw/", {"reason": " "})
    assert (page.status_code, state_of(request)) == (422, "refused")
    assert 'id="withdraw-dialog" aria-labelledby="withdraw-title" data-open-now' in page.content.decode()


def test_what_is_sent_already_is_not_withdrawn(region: Region, analyzer: Analyzer, doctor: Client) -> None:
    request = make_request(region, analyzer, "sent")
    page = doctor.post(f"{ORDERS}{request.pk}/withdraw/", {"reason": "late"})
    assert (page.status_code, state_of(request)) == (422, "sent")
    assert "This is sent already." in page.content.decode()


def test_others_neither_see_nor_decide(region: Region, analyzer: Analyzer) -> None:
    request = make_request(region, analyzer, "refused")
    nurse, rapid = signed_in("nurse"), signed_in("technologist.novomoskovsk")
    assert nurse.get(ORDERS).status_code == 403
    assert rapid.get(f"{ORDERS}{request.pk}/").status_code == 404
    assert rapid.post(f"{ORDERS}{request.pk}/send/", {"reason": "x"}).status_code == 404


def test_the_work_list_is_sent_before_the_analyzer_asks(
    region: Region, analyzer: Analyzer, doctor: Client
) -> None:
    tubes = {make_accepted(region, "WBC").pk for _ in range(3)}
    address = "/bench/analyzers/XN-O/preload/"
    page = doctor.post(address, {"specimen": ""}, follow=True)
    assert "3 tubes will be sent to it." in page.content.decode()
    assert set(WorkRequest.objects.values_list("specimen", flat=True)) == tubes
    page = doctor.post(address, {"specimen": "000000000000"}, follow=True)
    assert "There is no tube 000000000000 in this laboratory." in page.content.decode()
    Analyzer.objects.filter(pk=analyzer.pk).update(query_policy="answer")
    assert "/preload/" not in doctor.get("/bench/analyzers/XN-O/").content.decode()
    assert "asks for its work itself" in doctor.post(address, {}, follow=True).content.decode()


def test_a_repeat_is_diluted_as_the_doctor_says(region: Region, analyzer: Analyzer, doctor: Client) -> None:
    with acting(region.worker):
        result = make_result(region, make_accepted(region, "WBC"), "WBC", "99")
        Result.objects.filter(pk=result.pk).update(state="held")
    mapping = analyzer.mappings.get(test__code="WBC")
    measured = Result.objects.get(pk=result.pk).analyzer
    if measured is not None and not measured.mappings.filter(test__code="WBC").exists():
        measured.mappings.create(code=mapping.code, test=mapping.test)
    address = f"/bench/results/{result.pk}/repeat/"
    wrong = doctor.post(address, {"reason": "too high", "dilution": "1|5"})
    assert (wrong.status_code, "at most twelve" in wrong.content.decode()) == (422, True)
    Analyzer.objects.filter(mappings__test__code="WBC").update(driver="sysmex_xn")
    unsaid = doctor.post(address, {"reason": "too high", "dilution": "1:5"})
    assert (unsaid.status_code, "cannot be told a dilution" in unsaid.content.decode()) == (422, True)
    Analyzer.objects.filter(mappings__test__code="WBC").update(driver="roche_cobas_c311")
    assert doctor.post(address, {"reason": "too high", "dilution": "1:5"}).status_code == 200
    assert list(WorkRequest.objects.values_list("kind", "dilution")) == [("rerun", "1:5")]


def test_a_stopped_driver_is_named_wherever_its_results_are_awaited(
    region: Region, analyzer: Analyzer, doctor: Client
) -> None:
    director = region.people["director"]
    with acting(director):
        stop_driver("sysmex_xn", reason="wrong units", by=director, at=NOW)
    pages = ("/bench/verify/", "/bench/worklist/", "/bench/analyzers/", "/bench/quarantine/", ORDERS)
    shown = {page: "wrong units" in doctor.get(page).content.decode() for page in pages}
    assert shown == dict.fromkeys(pages, True)
    assert "wrong units" in signed_in("director").get("/setup/").content.decode()
    assert doctor.get("/start/").context["lines"] >= 1
    with acting(director):
        start_driver("sysmex_xn", reason="mended", by=director, at=NOW)
    assert not any("wrong units" in doctor.get(page).content.decode() for page in pages)


def test_those_that_need_a_person_come_first(region: Region, analyzer: Analyzer, doctor: Client) -> None:
    calm = make_analyzer(region.hub, "generic_astm", "AAA", 40_002)
    Analyzer.objects.filter(pk=calm.pk).update(is_active=False)
    make_request(region, analyzer, "undelivered")
    codes = [one.code for one, _ in doctor.get("/bench/analyzers/").context["rows"]]
    assert codes.index("XN-O") < codes.index("AAA")


def test_the_parts_that_watch_renew_themselves(region: Region, analyzer: Analyzer, doctor: Client) -> None:
    for address in ("/bench/analyzers/", "/bench/analyzers/XN-O/"):
        part = doctor.get(address, headers={"HX-Request": "true"}).content.decode()
        assert 'id="watched"' in part
        assert "<html" not in part


def test_a_refused_frame_is_seen_in_the_conversation(
    region: Region, analyzer: Analyzer, doctor: Client
) -> None:
    frame = b"\x021H|\\^&|||XN\r\x03"
    said = [b"\x05", b"\x06", frame + b"00\r\n", b"\x15", frame + b"A4\r\n", b"\x06", b"\x04"]
    heard = [(number / 1000, number % 2 == 1, one) for number, one in enumerate(said)]
    at = timezone.now() - timedelta(minutes=1)
    traffic = stretch_of(region.hub.pk, analyzer.pk, "t", heard, at.timestamp())
    kept = KeptMessage(region.hub.pk, analyzer.pk, "t", b"H|\\^&|||XN\rL|1|N\r", at, traffic=traffic)
    (message,) = keep_messages([kept], by=region.worker)
    page = doctor.get(f"/bench/analyzers/XN-O/messages/{message}/")
    rows = page.context["conversation"]
    assert [place for place, one in enumerate(rows) if one.is_refused] == [2]
    assert [place for place, one in enumerate(rows) if one.is_here] == [2, 4]
    assert [one.after for one in rows] == list(range(7))
