"""The nurse's day: the list, labels, the draw, a stranger's tube, the centrifuge, boxes."""

import json
import subprocess
from datetime import timedelta
from pathlib import Path
from shutil import which

import pytest
from django.test import Client
from django.utils import timezone

from aliquot.flow.logistics.models import Box
from aliquot.flow.orders.models import Order
from aliquot.flow.specimens.actions import accept_specimens, reject_tests
from aliquot.foundation.context import acting
from tests.factories import NOW, make_order, make_patient, make_specimen
from tests.regions import Region
from tests.web import signed_in


def scan(client: Client, address: str, number: str, **more: str) -> tuple[str, str]:
    """Outcome and page of one scan."""
    response = client.post(address, {"barcode": number, **more})
    return json.loads(response.headers["HX-Trigger"])["scan"]["outcome"], response.content.decode()


def recent_order(region: Region, *codes: str) -> Order:
    return make_order(region, *codes, at=timezone.now() - timedelta(minutes=30))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_opens_in_both_languages(region: Region, language: str) -> None:
    order = make_order(region, "CBC", "GLUS")
    client = signed_in("nurse", language=language)
    client.post("/collection/boxes/", {"lane": "cold"})
    box = Box.objects.get()
    for address in (
        "/collection/",
        "/collection/?q=берёз",
        f"/collection/orders/{order.number}/",
        f"/collection/orders/{order.number}/tubes/",
        "/collection/centrifuge/",
        "/collection/boxes/",
        f"/collection/boxes/{box.number}/",
        f"/collection/boxes/{box.number}/manifest/",
    ):
        assert client.get(address).status_code == 200, address


def test_the_list_names_who_is_to_be_drawn_urgent_first(region: Region) -> None:
    calm = make_order(region, patient=make_patient(region, family_name="Тихая"))
    urgent = make_order(region, patient=make_patient(region, family_name="Срочная"), urgency="S")
    page = signed_in("nurse").get("/collection/").content.decode()
    assert 0 < page.index(urgent.number) < page.index(calm.number)


def test_a_scanned_tube_or_order_opens_the_draw(region: Region) -> None:
    order = make_order(region)
    for text in (order.number, order.specimens.all()[0].number):
        response = signed_in("nurse").get("/collection/", {"q": text})
        assert response.headers["Location"] == f"/collection/orders/{order.number}/"


def test_nothing_is_drawn_before_name_and_birth_date_are_compared(region: Region) -> None:
    order = recent_order(region)
    tube = order.specimens.all()[0]
    outcome, _page = scan(signed_in("nurse"), f"/collection/orders/{order.number}/scan/", tube.number)
    tube.refresh_from_db()
    assert (outcome, tube.state) == ("problem", "planned")


def test_each_scan_takes_one_tube_now(region: Region) -> None:
    order = recent_order(region, "CBC", "GLUS")
    one, other = order.specimens.order_by("id")
    before = timezone.now()
    outcome, page = scan(
        signed_in("nurse"), f"/collection/orders/{order.number}/scan/", one.number, identity_confirmed="on"
    )
    one.refresh_from_db()
    other.refresh_from_db()
    assert (outcome, one.state, other.state) == ("ok", "collected", "planned")
    assert one.collected_at is not None
    assert before <= one.collected_at <= timezone.now()
    assert page.count("rack-done") == 1


def test_the_time_of_the_draw_is_on_the_clock_of_the_place(region: Region) -> None:
    order = recent_order(region)
    tube = order.specimens.all()[0]
    drawn = (timezone.now() - timedelta(hours=2)).replace(second=0, microsecond=0)
    local = (drawn + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")  # Europe/Moscow
    facts = {"identity_confirmed": "on", "collected_at": local}
    outcome, _page = scan(
        signed_in("nurse"), f"/collection/orders/{order.number}/scan/", tube.number, **facts
    )
    tube.refresh_from_db()
    assert (outcome, tube.collected_at) == ("ok", drawn)


@pytest.mark.parametrize("typed", ["yesterday", "2999-01-01T10:00", "2001-01-01T10:00"])
def test_an_impossible_time_is_refused(region: Region, typed: str) -> None:
    order = recent_order(region)
    tube = order.specimens.all()[0]
    facts = {"identity_confirmed": "on", "collected_at": typed}
    outcome, _page = scan(
        signed_in("nurse"), f"/collection/orders/{order.number}/scan/", tube.number, **facts
    )
    tube.refresh_from_db()
    assert (outcome, tube.state) == ("problem", "planned")


def test_the_tube_of_another_patient_stops_the_draw(region: Region) -> None:
    order = recent_order(region)
    strange = make_order(region, patient=make_patient(region, family_name="Чужая")).specimens.all()[0]
    client = signed_in("nurse")
    address = f"/collection/orders/{order.number}/scan/"
    outcome, page = scan(client, address, strange.number, identity_confirmed="on")
    strange.refresh_from_db()
    assert (outcome, strange.state) == ("danger", "planned")
    assert 'class="stop"' in page
    assert "Чужая" in page
    _outcome, after = scan(client, address, order.specimens.all()[0].number, identity_confirmed="on")
    assert 'class="stop"' not in after


def test_another_order_of_the_same_patient_is_no_danger(region: Region) -> None:
    order = recent_order(region)
    same = make_order(region, "CBC", patient=order.patient).specimens.all()[0]
    outcome, page = scan(
        signed_in("nurse"), f"/collection/orders/{order.number}/scan/", same.number, identity_confirmed="on"
    )
    assert outcome == "problem"
    assert 'class="stop"' not in page


def test_a_repeated_post_is_answered_as_the_first_time(
    region: Region, django_capture_on_commit_callbacks: object
) -> None:
    order = recent_order(region)
    tube = order.specimens.all()[0]
    client, address = signed_in("nurse"), f"/collection/orders/{order.number}/scan/"
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        first = scan(client, address, tube.number, identity_confirmed="on", scan_id="abc123")
    assert scan(client, address, tube.number, identity_confirmed="on", scan_id="abc123") == first
    assert scan(client, address, tube.number, identity_confirmed="on", scan_id="other")[0] == "problem"


def test_labels_are_printed_and_say_nothing_about_the_draw(region: Region, tmp_path: Path) -> None:
    order = make_order(region, "CBC", "GLUS")
    client = signed_in("nurse", language="ru")
    response = client.post(f"/collection/orders/{order.number}/labels/", {"form": "pdf"})
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("inline")
    assert [one.state for one in order.specimens.all()] == ["labelled", "labelled"]
    assert not order.specimens.exclude(collected_at=None).exists()
    if which("pdftotext"):
        (tmp_path / "labels.pdf").write_bytes(response.content)
        text = subprocess.run(
            ["pdftotext", str(tmp_path / "labels.pdf"), "-"], capture_output=True, check=True
        ).stdout.decode()
        assert "Берёзкина" in text
        assert "14.03.1986" in text


@pytest.mark.parametrize("dpi", ["203", "300"])
def test_labels_for_a_zebra(region: Region, dpi: str) -> None:
    order = make_order(region, "CBC", "GLUS")
    response = signed_in("nurse").post(
        f"/collection/orders/{order.number}/labels/", {"form": "zpl", "dpi": dpi}
    )
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.content.count(b"^XA") == 2


def rejected(region: Region, *codes: str) -> Order:
    specimen = make_specimen(region, *codes)
    with acting(region.worker):
        accept_specimens([specimen.number], site=region.hub, by=region.worker, at=NOW)
        reject_tests(specimen, codes, "HAEM", "", by=region.worker, at=NOW)
    return specimen.order


def test_a_rejected_tube_stands_on_top_with_reason_and_advice_and_is_drawn_again(region: Region) -> None:
    order = rejected(region, "GLUS", "K")
    client = signed_in("nurse")
    page = client.get("/collection/").content.decode()
    assert "Haemolysed" in page
    assert "Draw again without force" in page
    items = [str(one.pk) for one in order.items.all()]
    response = client.post("/collection/recollect/", {"items": items})
    assert response.headers["Location"] == f"/collection/orders/{order.number}/"
    assert order.specimens.filter(replaces__isnull=False).count() == 1
    again = client.get("/collection/").content.decode()
    assert "Haemolysed" not in again
    assert "drawn again" in again
    assert client.post("/collection/recollect/", {"items": items}).status_code == 302
    assert order.specimens.count() == 2


def test_what_will_not_be_drawn_needs_a_reason(region: Region) -> None:
    order = rejected(region, "GLUS")
    client, items = signed_in("nurse"), [str(one.pk) for one in order.items.all()]
    client.post("/collection/give-up/", {"items": items, "reason": ""})
    assert order.items.get().state == "open"
    client.post("/collection/give-up/", {"items": items, "reason": "patient left"})
    assert order.items.get().state == "not_performed"


def test_the_centrifuge(region: Region) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    order = recent_order(region, "GLUS")
    specimen = make_specimen(region, order=order, collected_at=now - timedelta(minutes=20))
    client = signed_in("nurse")
    assert specimen.number in client.get("/collection/centrifuge/").content.decode()
    early = {"spun_at": "2001-01-01T10:00"}
    assert scan(client, "/collection/centrifuge/scan/", specimen.number, **early)[0] == "problem"
    late = {"spun_at": "2999-01-01T10:00"}
    assert scan(client, "/collection/centrifuge/scan/", specimen.number, **late)[0] == "problem"
    spun = now - timedelta(minutes=5)
    given = {"spun_at": (spun + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")}  # Europe/Moscow
    outcome, page = scan(client, "/collection/centrifuge/scan/", specimen.number, **given)
    specimen.refresh_from_db()
    assert (outcome, specimen.spun_at) == ("ok", spun)
    assert specimen.number not in page


def test_a_box_is_packed_closed_and_waits_with_its_manifest(region: Region) -> None:
    specimen = make_specimen(region, "CBC")
    client = signed_in("nurse")
    address = client.post("/collection/boxes/", {"lane": "cold"}).headers["Location"]
    empty = client.post(f"{address}close/")
    assert empty.headers["Location"] == address
    outcome, page = scan(client, f"{address}scan/", specimen.number)
    assert outcome == "ok"
    assert specimen.number in page
    assert scan(client, f"{address}scan/", specimen.number)[0] == "problem"
    assert scan(client, f"{address}scan/", "710300009999")[0] == "problem"
    client.post(f"{address}unpack/", {"tube": specimen.number})
    assert scan(client, f"{address}scan/", specimen.number)[0] == "ok"
    assert client.post(f"{address}close/").headers["Location"] == f"{address}manifest/"
    manifest = client.get(f"{address}manifest/").content.decode()
    assert specimen.number in manifest
    assert "Берёзкина" not in manifest
    assert client.post(f"{address}unpack/", {"tube": specimen.number}).status_code == 422
    assert "ready for the courier" in client.get("/collection/boxes/").content.decode()


def test_a_lane_that_does_not_exist_is_refused_in_words(region: Region) -> None:
    page = signed_in("nurse").post("/collection/boxes/", {"lane": "hot"}).content.decode()
    assert "The lane hot is not known." in page


@pytest.mark.parametrize(
    ("username", "address", "status"),
    [
        ("physician", "/collection/", 403),
        ("courier", "/collection/boxes/", 403),
        ("doctor", "/collection/orders/L1/", 403),
        ("nurse", "/collection/orders/L1/", 404),
        ("nurse", "/collection/boxes/B1/", 404),
    ],
)
def test_who_may_not(region: Region, username: str, address: str, status: int) -> None:
    assert signed_in(username).get(address).status_code == status


def test_another_clinic_sees_neither_draw_nor_box(region: Region) -> None:
    order = make_order(region)
    address = signed_in("nurse").post("/collection/boxes/", {"lane": "room"}).headers["Location"]
    client = signed_in("nurse.yefremov")
    assert client.get(f"/collection/orders/{order.number}/").status_code == 404
    assert client.post(f"/collection/orders/{order.number}/labels/").status_code == 404
    assert client.get(address).status_code == 404
