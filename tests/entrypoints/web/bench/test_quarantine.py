"""What analyzers sent: bytes in sight, reasons in words, decisions that stay findable."""

from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from aliquot.entrypoints.web.bench.pictures import pieces
from aliquot.flow.instruments.actions import KeptMessage, keep_messages, read_messages
from aliquot.flow.instruments.models import Analyzer, Message, Reading
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Measurement, Run
from aliquot.foundation.context import acting
from tests.factories import NOW
from tests.regions import Region
from tests.tubes import make_accepted_tubes, make_analyzer
from tests.web import signed_in

PART = {"HX-Request": "true"}
NOBODYS = "719900000012"


@pytest.fixture
def analyzer(region: Region) -> Analyzer:
    made = make_analyzer(region.hub, "sysmex_xn", "XN-T")
    run = Run(NOBODYS, (Measurement("WBC", "6.155", "10*3/uL"),), control=False)
    records = load(made.driver).result_message([run], Header(NOW, ZoneInfo("Europe/Moscow")))
    contents = [b"".join(one + b"\r" for one in records), b"\x05garbage\xff\r"]
    with acting(region.worker):
        kept = [KeptMessage(region.hub.pk, made.pk, "10.0.0.7:51234", one, NOW) for one in contents]
        keep_messages(kept, by=region.worker)
        read_messages(limit=10, by=region.worker, at=NOW)
    return made


def the_reading(region: Region) -> Reading:
    with acting(region.worker):
        return Reading.objects.get(specimen_code=NOBODYS)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "No tube has the number"), ("ru", "Пробирки с номером")]
)
def test_the_list_says_why_and_what_to_do(
    region: Region, analyzer: Analyzer, language: str, words: str
) -> None:
    page = signed_in("technologist", language=language).get("/bench/quarantine/").content.decode()
    assert f"{words} {NOBODYS}" in page


def test_bytes_are_visible_and_control_characters_have_names() -> None:
    first, second = pieces(b"\x05\x02R|1|\xff\r\nL|1")
    assert [(one.text, one.is_control) for one in first] == [
        ("ENQ", True),
        ("STX", True),
        ("R|1|\\xff", False),
        ("CR", True),
        ("LF", True),
    ]
    assert [one.text for one in second] == ["L|1"]


def test_a_session_shows_the_bytes_beside_what_was_understood(
    region: Region, analyzer: Analyzer, technologist: Client
) -> None:
    reading = the_reading(region)
    page = technologist.get(f"/bench/analyzers/XN-T/messages/{reading.message_id}/").content.decode()
    assert '<span class="byte">CR</span>' in page
    assert NOBODYS in page
    assert "6.155" in page


@pytest.mark.parametrize(
    "path", ["/bench/analyzers/", "/bench/analyzers/XN-T/", "/bench/quarantine/decided/"]
)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_pages_open_in_both_languages(
    region: Region, analyzer: Analyzer, path: str, language: str
) -> None:
    assert signed_in("doctor", language=language).get(path).status_code == 200


def test_an_analyzer_without_a_plan_says_so(region: Region, analyzer: Analyzer, technologist: Client) -> None:
    page = technologist.get("/bench/analyzers/XN-T/").content.decode()
    assert "no QC plan on this analyzer: not checked" in page


def test_what_is_assigned_to_its_tube_is_matched_again(
    region: Region, analyzer: Analyzer, technologist: Client
) -> None:
    tube = make_accepted_tubes(region.hub, region.clinic, 1, ("WBC",))[0]
    reading = the_reading(region)
    given = {"specimen": tube, "reason": "label was covered"}
    answer = technologist.post(f"/bench/quarantine/reading/{reading.pk}/assign/", given, headers=PART)
    assert answer.status_code == 200
    with acting(region.worker):
        assert [one.value_text for one in read_messages(limit=10, by=region.worker, at=NOW)] == ["6.16"]
    found = technologist.get(f"/bench/quarantine/decided/?text={NOBODYS}").content.decode()
    assert "label was covered" in found
    assert tube in found


def test_a_tube_that_is_not_there_is_refused_in_the_dialog(
    region: Region, analyzer: Analyzer, technologist: Client
) -> None:
    reading = the_reading(region)
    given = {"specimen": "000", "reason": "x"}
    answer = technologist.post(f"/bench/quarantine/reading/{reading.pk}/assign/", given, headers=PART)
    assert answer.status_code == 422
    assert "There is no tube 000 in this laboratory" in answer.content.decode()


def test_what_is_dismissed_needs_a_reason_and_stays_findable(
    region: Region, analyzer: Analyzer, technologist: Client
) -> None:
    reading = the_reading(region)
    address = f"/bench/quarantine/reading/{reading.pk}/dismiss/"
    assert technologist.post(address, {"reason": ""}, headers=PART).status_code == 422
    assert technologist.post(address, {"reason": "trial run"}, headers=PART).status_code == 200
    assert "trial run" in technologist.get("/bench/quarantine/decided/").content.decode()
    again = technologist.post(address, {"reason": "trial run"}, headers=PART)
    assert again.status_code == 422
    assert "somebody has decided it" in again.content.decode()


def test_a_whole_message_can_be_dismissed_and_replayed(
    region: Region, analyzer: Analyzer, technologist: Client
) -> None:
    with acting(region.worker):
        message = Message.objects.get(state="quarantined")
    address = f"/bench/quarantine/message/{message.pk}"
    assert technologist.post(f"{address}/replay/", headers=PART).status_code == 200
    with acting(region.worker):
        read_messages(limit=10, by=region.worker, at=NOW)
    assert technologist.post(f"{address}/dismiss/", {"reason": "noise"}, headers=PART).status_code == 200
    assert "noise" in technologist.get("/bench/quarantine/decided/").content.decode()


def test_another_laboratory_finds_nothing(region: Region, analyzer: Analyzer) -> None:
    other, reading = signed_in("technologist.novomoskovsk"), the_reading(region)
    assert other.get("/bench/analyzers/XN-T/").status_code == 404
    assert other.get(f"/bench/quarantine/reading/{reading.pk}/").status_code == 404
    assert other.get(f"/bench/analyzers/XN-T/messages/{reading.message_id}/").status_code == 404
