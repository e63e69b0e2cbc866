"""The pages of monitors: designed, signed, an alarm answered, in both languages; who may do what."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from aliquot.entrypoints.web.quality.monitors import views
from aliquot.flow.quality.actions import ask_design, fail_design, finish_design, start_design
from aliquot.flow.quality.models import MonitorAlarm, MonitorDesign, PatientMonitor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from tests.flow.quality.benches import Controlled, make_controlled
from tests.flow.quality.test_designing import ASKED
from tests.flow.quality.test_designing import candidate as short_candidate
from tests.flow.quality.test_watching import measure
from tests.regions import Region
from tests.tubes import make_analyzer
from tests.web import signed_in

FALSE = {"alarms": 2, "alarm_days": 2, "days": 20, "results": 900}


@pytest.fixture
def bench(region: Region) -> Controlled:
    bench = make_controlled(region)
    bench.run(0.1, 0.2)
    return bench


def candidate(*shortfalls: str) -> dict[str, Any]:
    curve = [
        {"size": place * 0.03, "trials": 500, "anped": 9.5 + place, "mnped": None if place == 1 else 8.0,
         "p95": 31.0 if abs(place) > 1 else None, "undetected": 0.25}
        for place in (-2, -1, 0, 1, 2)
    ]  # fmt: skip
    found = short_candidate()
    return found | {
        "shortfalls": list(shortfalls), "curve": curve, "tea": 0.06, "false_alarms": FALSE, "days": 60,
        "results": 2700, "first_day": "2026-09-20", "last_day": "2026-11-18", "compared": 30, "alarms_per_day": 0.1,
    }  # fmt: skip


def designed(bench: Controlled, *candidates: dict[str, Any]) -> MonitorDesign:
    by = bench.manager
    with acting(by):
        design = ask_design(bench.analyzer, bench.test, ASKED, by=by, at=timezone.now())
        start_design(design, by=by, at=timezone.now())
        finish_design(design, candidates, ["bull 20: too few"], by=by, at=timezone.now())
        design.refresh_from_db()
    return design


def alarmed(bench: Controlled) -> PatientMonitor:
    """A monitor that was signed on its page and then saw a drift."""
    monitor = designed(bench, candidate()).monitor
    assert monitor is not None
    signed_in("quality").post(f"/quality/monitors/{monitor.pk}/sign/", {"blocks": "on"})
    measure(bench, 140, 142, 144, 141)
    measure(bench, 152, 153, 154, 151)
    return monitor


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_a_design_is_asked_for_on_a_page_that_then_tells_how_far_it_is(bench: Controlled) -> None:
    quality = signed_in("quality")
    assert bench.analyzer.name in text(quality, "/quality/monitors/design/")
    given = {
        "analyzer": "XN-QC", "test": "HGB", "days": "90", "tea": "6,5", "alarms_per_day": "0.2", "least_age": "18",
        "without_wards": "Dialysis, ICU", "is_routine": "on", "is_unflagged": "on", "error": "imprecision",
    }  # fmt: skip
    answer = quality.post("/quality/monitors/design/", given)
    with acting(bench.manager):
        design = MonitorDesign.objects.get()
    assert answer["Location"] == f"/quality/monitors/trials/{design.pk}/"
    assert (design.tea, design.alarms_per_day, design.error) == (0.065, 0.2, "imprecision")
    assert design.inclusion == {
        "urgencies": ["R"], "is_flagged": False, "least_age_days": 6574, "without_wards": ["Dialysis", "ICU"]
    }  # fmt: skip
    page = text(quality, answer["Location"])
    assert "Waits to begin" in page
    assert "results that scatter more" in page
    assert "only routine orders" in page
    assert "from 18 years of age" in page
    progress = f"{answer['Location']}progress/"
    assert "candidates tried" in text(quality, progress)
    with acting(bench.manager):
        fail_design(design, Refused("too few"), by=bench.manager, at=timezone.now())
    assert quality.get(progress)["HX-Refresh"] == "true"
    assert "too few" in text(quality, answer["Location"])
    assert "no monitor came of it" in text(quality, "/quality/monitors/")


def test_what_is_wrong_with_a_design_stands_at_its_field(bench: Controlled) -> None:
    quality = signed_in("quality")
    given = {"analyzer": "XN-QC", "test": "HGB", "days": "3", "tea": "5", "alarms_per_day": "0.1"}
    answer = quality.post("/quality/monitors/design/", given)
    assert answer.status_code == 422
    assert "Take from 7 to 366 days." in answer.content.decode()
    assert quality.post("/quality/monitors/design/", {**given, "tea": "much"}).status_code == 422


def test_candidates_are_shown_and_another_is_taken(bench: Controlled) -> None:
    design = designed(bench, candidate("slow"), candidate())
    quality = signed_in("quality")
    page = text(quality, f"/quality/monitors/trials/{design.pk}/")
    assert page.count("moving average of 4") == 2
    assert "more results than a day has" in page
    assert "1 more candidate needs more results" in page
    answer = quality.post(f"/quality/monitors/trials/{design.pk}/take/", {"place": "1"})
    with acting(bench.manager):
        design.refresh_from_db()
    assert answer["Location"] == f"/quality/monitors/{design.monitor_id}/"
    technologist = signed_in("technologist")
    assert technologist.post(f"/quality/monitors/trials/{design.pk}/take/", {"place": "1"}).status_code == 403


def test_a_draft_is_signed_with_second_thoughts_and_switched_off(bench: Controlled) -> None:
    monitor = designed(bench, candidate("slow")).monitor
    assert monitor is not None
    address = f"/quality/monitors/{monitor.pk}/"
    quality = signed_in("quality")
    page = text(quality, address)
    assert "2700 results of 60 days" in page
    assert "svg" in page
    assert "never" in page  # an error that is not found
    answer = quality.post(f"{address}sign/", {"despite": ""})
    assert answer.status_code == 422
    assert "say why it is used all the same" in answer.content.decode()
    quality.post(f"{address}sign/", {"despite": "the best we have"})
    page = text(quality, address)
    assert "the best we have" in page
    assert "tells only" in page
    quality.post(f"{address}off/")
    assert "Switched off" in text(quality, address)


def test_an_alarm_is_answered_by_the_bench_and_release_goes_on(bench: Controlled) -> None:
    monitor = alarmed(bench)
    technologist = signed_in("technologist")
    page = text(technologist, "/quality/monitors/")
    assert "stops its test" in page
    assert "above its upper limit: 150" in page
    address = f"/quality/monitors/{monitor.pk}/"
    page = text(technologist, address)
    assert "results of this test wait" in page
    assert 'data-key="1"' in page
    answer = technologist.post(f"{address}answer/", {"cause": "calibration", "action": ""})
    assert answer.status_code == 422
    assert bench.standing() == "out_of_control"
    technologist.post(f"{address}answer/", {"cause": "calibration", "action": "calibrated anew"})
    assert bench.standing() == "in_control"
    page = text(technologist, address)
    assert "calibrated anew" in page
    assert "results of this test wait" not in page
    assert technologist.post(f"{address}answer/", {"cause": "x", "action": "y"}).status_code == 404


def test_from_the_alarm_a_doctor_looks_back_at_what_is_in_doubt(bench: Controlled) -> None:
    monitor = alarmed(bench)
    doctor = signed_in("quality")
    with acting(bench.manager):
        failure = MonitorAlarm.objects.get().found_at
    page = text(doctor, f"/quality/monitors/{monitor.pk}/")
    assert failure is not None
    assert ("/corrections/new-look-back" in page or "look-backs/new/?failure=" in page) == (
        "recall_result" in bench.manager.permissions
    )


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", ("moving average of 4", "152.5")), ("ru", ("скользящее среднее по 4", "152,5"))],
)
def test_pages_in_both_languages(bench: Controlled, language: str, expected: tuple[str, str]) -> None:
    monitor = alarmed(bench)
    client = signed_in("quality", language=language)
    for address in ("/quality/monitors/", f"/quality/monitors/{monitor.pk}/?days=30"):
        page = text(client, address)
        assert [one for one in expected if one not in page] == []
    assert text(client, "/quality/monitors/design/")


def test_a_monitor_of_another_laboratory_is_not_found(bench: Controlled) -> None:
    monitor = designed(bench, candidate()).monitor
    assert monitor is not None
    assert signed_in("technologist").get(f"/quality/monitors/{monitor.pk + 1}/").status_code == 404
    assert signed_in("nurse").get(f"/quality/monitors/{monitor.pk}/").status_code == 403


def test_a_silent_trial_says_so(bench: Controlled) -> None:
    with acting(bench.manager):
        ask_design(
            bench.analyzer, bench.test, ASKED, by=bench.manager, at=timezone.now() - timedelta(minutes=5)
        )
        design = MonitorDesign.objects.get()
    assert "says nothing any more" in text(signed_in("quality"), f"/quality/monitors/trials/{design.pk}/")


def test_very_many_monitors_are_shown_by_analyzer(bench: Controlled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "AT_ONCE", 1)
    monitor = designed(bench, candidate()).monitor
    assert monitor is not None
    other = make_analyzer(bench.region.hub, "sysmex_xn", "AA-1", port=4711)
    with acting(bench.manager):
        monitor.pk, monitor.analyzer = None, other  # a further one
        monitor.save()
    quality = signed_in("quality")
    page = text(quality, "/quality/monitors/")
    assert 'href="?analyzer=AA-1" aria-current="true"' in page
    assert page.count('data-item="monitor-') == 1
    assert f"monitor-{monitor.pk}" in page
    assert f"monitor-{monitor.pk}" not in text(quality, "/quality/monitors/?analyzer=XN-QC")
