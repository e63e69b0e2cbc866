"""How a call went: from the decision until a named person read the value back, and whether that was in time."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aliquot.flow.results.actions import tell_critical
from aliquot.flow.results.models import CriticalCall
from aliquot.flow.results.queries import CallFigures, call_figures
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from tests.factories import NOW
from tests.flow.results.critical_calls import HOUR, MINUTE, called, climb, steps
from tests.regions import Region

CASES = Path(__file__).resolve().parents[4] / "shared" / "oracles" / "policy_rules.json"
DELIVERED = "push_delivered"


def shown(*, is_of_the_application: bool) -> list[Any]:
    """The shown cases of critical values; none where the oracles are not at hand."""
    if not CASES.exists():
        return []
    cases = json.loads(CASES.read_text(encoding="utf-8"))["cases"]
    found = [one for one in cases if one["id"].startswith("crit:")]
    wanted = [one for one in found if (DELIVERED in one["inputs"]) is is_of_the_application]
    return [pytest.param(one["inputs"], one["expected"], id=one["id"]) for one in wanted]


def at(clock: str) -> datetime:
    hour, minute = clock.split(":")
    return NOW.replace(hour=int(hour), minute=int(minute))


def opened(region: Region, moment: datetime, limit: timedelta) -> CriticalCall:
    """A call of that moment with this limit."""
    call = called(region, at=moment)
    with acting(region.worker):
        CriticalCall.objects.filter(pk=call.pk).update(due_at=moment + limit)
        call.refresh_from_db()
    return call


def figures(region: Region) -> CallFigures:
    with acting(region.worker):
        found = call_figures(region.hub.pk, since=NOW - 24 * HOUR, until=NOW + 24 * HOUR)
    return next(one for one in found if one.site_en is None)


@pytest.mark.parametrize(("said", "wanted"), shown(is_of_the_application=False))
def test_the_shown_cases_of_a_telephone_call(
    region: Region, technologist: Actor, said: dict[str, Any], wanted: dict[str, Any]
) -> None:
    call = opened(region, at(said["identified"]), said["limit_min"] * MINUTE)
    told: dict[str, Any] = {"by": technologist, "at": at(said["received"])}
    with acting(technologist):
        if said["readback"]:
            tell_critical(call, said["receiver"], call.value_text, **told)
        else:  # what was not read back was told to nobody: the call stays open
            with pytest.raises(Refused, match="read-back"):
                tell_critical(call, said["receiver"], "", **told)
    found = figures(region)
    assert bool(found.complete) is wanted["complete"]
    if said["readback"]:
        assert (found.p50, bool(found.on_time)) == (wanted["minutes"], wanted["on_time"])
    else:
        assert (found.told, found.p50) == (0, None)


@pytest.mark.parametrize(("said", "wanted"), shown(is_of_the_application=True))
def test_the_shown_cases_of_a_value_in_the_application(
    region: Region, said: dict[str, Any], wanted: dict[str, Any]
) -> None:
    assert said["acknowledged"] is None
    call = opened(region, at(said[DELIVERED]), HOUR)
    climb(region, at(said["now"]))
    is_telephoned = [whom for whom, was_passed_over in steps(region, call) if not was_passed_over] != ["app"]
    assert is_telephoned is (wanted["state"] == "escalate_to_phone")
    assert bool(figures(region).complete) is wanted["complete"]


@pytest.mark.parametrize(("minutes", "is_on_time"), [(0, True), (30, True), (30.02, False), (31, False)])
def test_a_call_is_on_time_at_its_limit(
    region: Region, technologist: Actor, minutes: float, *, is_on_time: bool
) -> None:
    call = opened(region, NOW, 30 * MINUTE)
    with acting(technologist):
        done = tell_critical(call, "Dr A", "7.8", by=technologist, at=NOW + minutes * MINUTE)
    assert done.is_on_time is is_on_time
    found = figures(region)
    assert (bool(found.on_time), found.complete) == (is_on_time, 1)


def test_what_nobody_acknowledges_in_time_goes_to_the_telephone(region: Region) -> None:
    call = called(region)
    climb(region, NOW + 15 * MINUTE - timedelta(seconds=1))
    assert steps(region, call) == [("app", False)]
    climb(region, NOW + 15 * MINUTE)
    assert steps(region, call) == [("app", False), ("requester", False)]
