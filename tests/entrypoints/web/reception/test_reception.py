"""Reception's pages: every scan is answered by name, acceptance is by test, and the hub never relabels."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aliquot.flow.logistics.models import Box, BoxItem
from aliquot.flow.orders.models import OrderItem
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from aliquot.registers.patients.models import AccessEntry
from tests.entrypoints.web.boxes import travelling_box
from tests.factories import make_order, make_specimen
from tests.regions import Region
from tests.web import signed_in

PAGES = ("/reception/", "/reception/acceptance/", "/reception/decisions/", "/reception/missing/")


def scan(client: Client, address: str, number: str, scan_id: str = "") -> Any:
    given = {"barcode": number, "entry": "scanner", "scan_id": scan_id}
    return client.post(address, given, headers={"HX-Request": "true"})


def told(response: Any) -> dict[str, str]:
    answer: dict[str, str] = json.loads(response["HX-Trigger"])["scan"]
    return answer


def opened(region: Region, client: Client, orders: int = 1, *codes: str) -> tuple[Box, list[str]]:
    box, numbers = travelling_box(region, orders, *(codes or ("CBC", "K")))
    assert client.post(f"/reception/boxes/{box.number}/receive/").status_code == 302
    return box, numbers


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_in_both_languages(region: Region, page: str, language: str) -> None:
    travelling_box(region, 1)
    response = signed_in("reception", language=language).get(page)
    assert response.status_code == 200
    assert ("Приём" in response.content.decode()) is (language == "ru")


def test_a_courier_may_not_enter_and_a_stranger_signs_in(region: Region) -> None:
    assert signed_in("courier").get("/reception/").status_code == 403
    assert Client().get("/reception/").status_code == 302


def test_a_scanned_box_is_opened_and_leads_to_its_page(region: Region) -> None:
    client = signed_in("reception")
    box, _ = travelling_box(region, 1)
    response = scan(client, "/reception/scan/", box.number)
    assert told(response)["outcome"] == "ok"
    assert json.loads(response["HX-Trigger"])["follow"] == {"url": f"/reception/boxes/{box.number}/"}
    assert client.get(f"/reception/boxes/{box.number}/").context["box"].state == "received"


def test_each_scan_names_what_the_tube_is(region: Region) -> None:
    client = signed_in("reception")
    box, numbers = opened(region, client)
    planned = make_order(region, "K").specimens.get().number
    extra = make_specimen(region, "K").number
    address = f"/reception/boxes/{box.number}/scan/"
    said = [told(scan(client, address, number)) for number in (numbers[0], numbers[0], extra, planned, "12")]
    assert [one["outcome"] for one in said] == ["ok", "problem", "problem", "problem", "problem"]
    assert [one["text"].split(".")[0].split(":")[0] for one in said] == [
        "Received",
        "Already received",
        "Extra",
        "Not entered as drawn",
        "Unknown number",
    ]


def test_a_tube_too_old_for_a_test_says_so_at_the_scan(region: Region) -> None:
    client = signed_in("reception")
    box, numbers = travelling_box(region, 1, "GLUS", minutes=200)
    client.post(f"/reception/boxes/{box.number}/receive/")
    answer = told(scan(client, f"/reception/boxes/{box.number}/scan/", numbers[0]))
    assert (answer["outcome"], answer["text"]) == ("problem", "Received. Too old for GLUS.")


def test_a_repeated_post_of_the_same_scan_gets_the_same_answer(
    region: Region, django_capture_on_commit_callbacks: pytest.FixtureRequest
) -> None:
    client = signed_in("reception")
    box, numbers = opened(region, client)
    address = f"/reception/boxes/{box.number}/scan/"
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        first = scan(client, address, numbers[0], "a1b2c3")
    again = scan(client, address, numbers[0], "a1b2c3")
    assert told(again) == told(first)
    assert told(scan(client, address, numbers[0], "d4e5f6"))["outcome"] == "problem"


def test_a_scan_costs_the_same_in_a_full_box(region: Region) -> None:
    client = signed_in("reception")
    box, numbers = opened(region, client, 6)
    address = f"/reception/boxes/{box.number}/scan/"
    counts = []
    for number in numbers:
        with CaptureQueriesContext(connection) as queries:
            scan(client, address, number)
        counts.append(len(queries))
    assert max(counts) == min(counts) < 60


def test_a_finished_box_names_what_is_missing_and_what_is_extra(region: Region) -> None:
    client = signed_in("reception")
    box, numbers = opened(region, client, 2)
    extra = make_specimen(region, "K").number
    for number in (*numbers[1:], extra):
        scan(client, f"/reception/boxes/{box.number}/scan/", number)
    assert client.post(f"/reception/boxes/{box.number}/finish/").status_code == 302
    page = client.get(f"/reception/boxes/{box.number}/")
    assert [row.number for row in page.context["lacking"]] == [numbers[0]]
    assert [row.number for row in page.context["surplus"]] == [extra]
    assert numbers[0] in client.get("/reception/missing/").content.decode()


def test_one_press_accepts_the_fit_and_lists_the_rest_by_test(region: Region) -> None:
    client = signed_in("reception")
    box, numbers = travelling_box(region, 2, "GLUS", "K", "CBC", minutes=120)
    client.post(f"/reception/boxes/{box.number}/receive/")
    for number in numbers:
        scan(client, f"/reception/boxes/{box.number}/scan/", number)
    response = client.post("/reception/acceptance/accept/", follow=True)
    assert response.redirect_chain == [("/reception/decisions/", 302)]
    decided = [
        (one.specimen.container.code, [t.test.code for t in one.tests])
        for one in response.context["shown"].tubes
    ]
    assert decided == [("SST", ["GLUS"]), ("SST", ["GLUS"])]
    with acting(region.worker):
        assert set(Specimen.objects.filter(number__in=numbers).values_list("state", flat=True)) == {
            "accepted"
        }


def accepted(region: Region, client: Client) -> str:
    """The number of a tube that was drawn a moment ago and taken in by the pages, whose clock is the real one."""
    now = timezone.now()
    order = make_order(region, "K", "GLUS", at=now - timedelta(minutes=30))
    number = make_specimen(region, order=order, collected_at=now - timedelta(minutes=20)).number
    scan(client, "/reception/scan/", number)
    client.post("/reception/acceptance/accept/")
    return number


def late_box(region: Region, client: Client) -> list[str]:
    """Two tubes that came too late for glucose."""
    box, numbers = travelling_box(region, 2, "GLUS", "K", minutes=120)
    client.post(f"/reception/boxes/{box.number}/receive/")
    for number in numbers:
        scan(client, f"/reception/boxes/{box.number}/scan/", number)
    client.post("/reception/acceptance/accept/")
    return sorted(numbers)


def test_what_a_late_box_made_unfit_is_marked_and_drawn_again_in_one_go(region: Region) -> None:
    client = signed_in("reception")
    numbers = late_box(region, client)
    alike = client.get("/reception/decisions/").context["shown"].alike
    assert [(one.key, one.count) for one in alike] == [("GLUS:OLD", 2)]
    page = client.get("/reception/decisions/?alike=GLUS:OLD")
    assert page.content.decode().count(" checked>") == 2
    page = client.post("/reception/decisions/together/", {"tubes": numbers}, follow=True)
    assert page.context["shown"].tubes == []
    with acting(region.worker):
        new = Specimen.objects.filter(replaces__number__in=numbers).prefetch_related("tests__test")
        assert [[t.test.code for t in one.tests.all()] for one in new] == [["GLUS"], ["GLUS"]]
    again = client.post("/reception/decisions/together/", {"tubes": numbers})
    assert again.status_code == 422
    assert f"left to draw again: {', '.join(numbers)}" in again.content.decode()


def test_the_marked_are_given_up_with_a_reason(region: Region) -> None:
    client = signed_in("reception", language="ru")
    numbers = late_box(region, client)
    refused = client.post("/reception/decisions/together/", {"tubes": numbers[:1], "give_up": "1"})
    assert refused.status_code == 422
    assert refused.content.decode().count(" checked>") == 1
    given = {"tubes": numbers, "give_up": "1", "reason": "выписаны"}
    page = client.post("/reception/decisions/together/", given, follow=True)
    assert "Решено: 2 пробирки." in page.content.decode()
    with acting(region.worker):
        kept = OrderItem.objects.filter(test__code="GLUS").values_list("state", "state_reason")
        assert set(kept) == {("not_performed", "выписаны")}
    assert signed_in("nurse").post("/reception/decisions/together/").status_code == 403


def test_tests_are_rejected_by_the_first_letters_of_a_reason_and_drawn_again(region: Region) -> None:
    client = signed_in("reception")
    number = accepted(region, client)
    given = {"tests": ["K"], "reason_code": "гемол", "note": ""}
    page = client.post(f"/reception/tubes/{number}/reject/", given)
    assert page.status_code == 200
    assert [
        (t.test.code, t.rejection_reason.code) for t in page.context["tests"] if t.state == "rejected"
    ] == [("K", "HAEM")]
    page = client.post(f"/reception/tubes/{number}/recollect/")
    replacement = page.context["replacement"]
    assert replacement.replaces.number == number
    assert replacement.custody_site == region.clinic
    assert page.context["can_recollect"] is False


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"tests": ["K"], "reason_code": "no such"}, "Choose one reason from the list"),
        ({"reason_code": "HAEM"}, "Choose at least one test."),
    ],
)
def test_a_refused_rejection_says_why(region: Region, given: dict[str, object], words: str) -> None:
    client = signed_in("reception")
    page = client.post(f"/reception/tubes/{accepted(region, client)}/reject/", given)
    assert page.status_code == 422
    assert words in page.content.decode()


def test_a_condition_is_noted_and_taken_back_by_the_same_key(region: Region) -> None:
    client = signed_in("reception")
    number = make_specimen(region, "K").number
    scan(client, "/reception/scan/", number)
    for expected in (["HAEM"], []):
        page = client.post(f"/reception/tubes/{number}/condition/?in=hand", {"code": "HAEM"})
        assert page.context["row"].conditions == expected
    assert client.post(f"/reception/tubes/{number}/condition/", {"code": "NONSENSE"}).status_code == 422


def test_only_a_doctor_concedes(region: Region) -> None:
    client = signed_in("reception")
    number = accepted(region, client)
    given = {"tests": ["K"], "note": "cannot be drawn again"}
    client.post(f"/reception/tubes/{number}/reject/", given | {"reason_code": "HAEM"})
    assert client.post(f"/reception/tubes/{number}/concede/", given).status_code == 403
    assert "a laboratory doctor decides that" in client.get(f"/reception/tubes/{number}/").content.decode()
    page = signed_in("doctor").post(f"/reception/tubes/{number}/concede/", given)
    assert {t.test.code: t.state for t in page.context["tests"]}["K"] == "accepted"


def test_the_page_of_a_tube_says_that_nothing_is_relabelled_and_leaves_a_trace(region: Region) -> None:
    tube = make_specimen(region, "K")
    page = signed_in("reception").get(f"/reception/tubes/{tube.number}/")
    assert "never relabels" in page.content.decode()
    with acting(region.people["director"]):
        seen = AccessEntry.objects.filter(patient_id=tube.order.patient_id, what="reception: tube")
        assert [one.actor for one in seen] == [region.people["reception"].key]
    assert signed_in("reception").get("/reception/tubes/710000000000/").status_code == 404


def test_a_tube_of_another_laboratory_is_not_there(region: Region) -> None:
    box, _ = travelling_box(region, 1)
    assert BoxItem.objects.filter(box=box).exists()
    other = signed_in("technologist.novomoskovsk")
    assert other.get(f"/reception/boxes/{box.number}/").status_code == 404
