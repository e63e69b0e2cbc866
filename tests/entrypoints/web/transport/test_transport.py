"""Transport's pages: numbers only, one tap or one scan for each hand-over."""

import json

import pytest

from aliquot.flow.logistics.models import Box
from aliquot.foundation.context import acting
from tests.entrypoints.web.boxes import packed_box, travelling_box
from tests.regions import Region
from tests.web import signed_in


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("username", ["courier", "director", "nurse", "reception"])
def test_the_entry_page_opens_for_each_role(region: Region, username: str, language: str) -> None:
    box, _ = packed_box(region, 1)
    page = signed_in(username, language=language).get("/transport/")
    assert page.status_code == 200
    assert box.number in page.content.decode()


def test_a_courier_sees_no_patient(region: Region) -> None:
    box, numbers = travelling_box(region, 1)
    client = signed_in("courier")
    texts = [client.get(a).content.decode() for a in ("/transport/", f"/transport/boxes/{box.number}/")]
    assert numbers[0] in texts[1]
    assert not any("Берёзкина" in text for text in texts)


def test_scanning_picks_up_and_scanning_again_hands_over(region: Region) -> None:
    box, _ = packed_box(region, 1)
    client = signed_in("courier")
    said = []
    for scan_id in ("a1", "b2", "c3"):
        given = {"barcode": box.number.lower(), "scan_id": scan_id}
        answer = client.post("/transport/scan/", given)
        said.append(json.loads(answer["HX-Trigger"])["scan"]["outcome"])
        with acting(region.worker):
            box.refresh_from_db()
        said.append("door" if box.handed_over_at else box.state)
    assert said == ["ok", "in_transit", "ok", "door", "ok", "door"]


def test_an_unknown_box_is_refused_in_words(region: Region) -> None:
    answer = signed_in("courier").post("/transport/scan/", {"barcode": "B710300009999"})
    assert json.loads(answer["HX-Trigger"])["scan"] == {
        "outcome": "problem",
        "text": "No box has the number B710300009999. Scan the label of the box.",
    }


def test_a_second_tap_on_pick_up_never_hands_over(region: Region) -> None:
    box, _ = packed_box(region, 1)
    client = signed_in("courier")
    address = f"/transport/boxes/{box.number}/pick-up/"
    assert [client.post(address).status_code for _ in range(2)] == [302, 422]
    with acting(region.worker):
        assert Box.objects.get(pk=box.pk).handed_over_at is None


def test_only_who_carries_picks_up(region: Region) -> None:
    box, _ = packed_box(region, 1)
    assert signed_in("nurse").post(f"/transport/boxes/{box.number}/pick-up/").status_code == 403
    assert signed_in("nurse.krapivna").get(f"/transport/boxes/{box.number}/").status_code == 404


def test_a_late_box_is_named(region: Region) -> None:
    travelling_box(region, 1, minutes=600)
    page = signed_in("director").get("/transport/now/")
    assert len(page.context["late"]) == 1
    assert "late" in page.content.decode()
