"""Automatic release is switched off for one thing, at once, and on again by a person; both say why."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from aliquot.flow.results.models import Result
from aliquot.flow.verification.actions import resume_release, suspend_release
from aliquot.flow.verification.models import Suspension
from aliquot.flow.verification.queries import book_for_release, open_suspensions, suspensions_at
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site
from tests.factories import NOW, make_accepted, make_decided, make_result
from tests.processes import LiveRegion, wait_for
from tests.regions import Region, one_with, read_region


def decided(region: Region, code: str = "K", value: str = "4.2") -> Result:
    return make_decided(region, make_accepted(region, code), code, value)


def suspend(region: Region, scope: str) -> Suspension:
    by = region.people["doctor"]
    given = {
        "network": {"laboratory": None},
        "laboratory": {"laboratory": region.hub},
        "test": {"laboratory": region.hub, "test": Test.objects.get(code="K")},
        "analyzer": {"laboratory": region.hub, "analyzer": decided(region).analyzer},
    }
    with acting(by):
        return suspend_release(**given[scope], reason="drift", by=by, at=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("scope", ["network", "laboratory", "test", "analyzer"])
def test_a_suspension_holds_the_next_batch_until_it_is_ended(region: Region, scope: str) -> None:
    suspension = suspend(region, scope)
    held = decided(region)
    of_analyzer = {"code": "analyzer_suspended"}
    said = of_analyzer if scope == "analyzer" else {"code": "suspended", "scope": scope, "note": "drift"}
    assert (held.state, held.reasons) == ("held", [said])
    by = region.people["director"]
    with acting(by):
        resume_release(suspension, reason="checked", by=by, at=NOW)
    assert decided(region).state == "released"
    suspension.refresh_from_db()
    assert (suspension.ended_by, suspension.end_reason) == (by.key, "checked")
    held.refresh_from_db()
    assert held.state == "held"


def test_a_suspension_of_a_test_leaves_the_others(region: Region) -> None:
    suspend(region, "test")
    assert decided(region, "GLUS", "5.0").state == "released"


def test_it_says_why_and_stands_once(region: Region) -> None:
    by = region.people["doctor"]
    with acting(by):
        with pytest.raises(Refused, match="reason"):
            suspend_release(laboratory=region.hub, reason=" ", by=by, at=NOW)
        suspend_release(laboratory=region.hub, reason="drift", by=by, at=NOW)
        with pytest.raises(Refused, match="already"):
            suspend_release(laboratory=region.hub, reason="drift", by=by, at=NOW)


def test_who_may_not_suspend_is_refused_also_by_the_database(region: Region) -> None:
    by = one_with(region, "technologist", region.hub)
    with acting(by):
        with pytest.raises(Forbidden):
            suspend_release(laboratory=region.hub, reason="drift", by=by, at=NOW)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Suspension.objects.create(scope="network", reason="x", since=NOW, by=by.key)


def test_a_suspension_of_another_laboratory_is_not_ours_to_make_or_end(region: Region) -> None:
    rapid = next(site for site in region.sites.values() if site.kind == Site.Kind.RAPID_LABORATORY)
    by = region.people["doctor"]
    with acting(by), pytest.raises(Forbidden, match="another"):
        suspend_release(laboratory=rapid, reason="drift", by=by, at=NOW)


def test_what_was_ended_stays_ended(region: Region) -> None:
    suspension, by = suspend(region, "laboratory"), region.people["doctor"]
    with acting(by):
        resume_release(suspension, reason="checked", by=by, at=NOW)
        with pytest.raises(Refused, match="meanwhile"):
            resume_release(suspension, reason="checked", by=by, at=NOW)
        with pytest.raises(DatabaseError, match="stays ended"), transaction.atomic():
            Suspension.objects.filter(pk=suspension.pk).update(end_reason="other")


def test_the_widest_is_named_first(region: Region) -> None:
    for scope in ("test", "laboratory", "network"):
        suspend(region, scope)
    assert [one.scope for one in open_suspensions()] == ["network", "laboratory", "test"]
    rapid = next(site for site in region.sites.values() if site.kind == Site.Kind.RAPID_LABORATORY)
    assert [one.scope for one in suspensions_at(rapid.pk)] == ["network"]


def test_nothing_is_released_by_rules_after_the_commit_of_a_suspension(live_region: LiveRegion) -> None:
    """A batch that began before is waited for: the click commits after it, whatever it releases."""
    region, order = read_region(), []
    pointed = dict(connections["default"].settings_dict)

    def click() -> None:
        connections["default"].settings_dict.update(pointed)
        by = region.people["doctor"]
        with acting(by):
            suspend_release(laboratory=None, reason="drift", by=by, at=NOW)
        order.append("suspended")
        connections.close_all()

    with acting(region.worker):
        book = book_for_release(NOW)
        thread = threading.Thread(target=click)
        thread.start()
        wait_for(lambda: waits(live_region), "the click waits for the batch")
        order.append("batch kept")
    thread.join(10)
    assert order == ["batch kept", "suspended"]
    with acting(region.worker):
        assert book_for_release(NOW + timedelta(seconds=1)) is not book


def waits(live: LiveRegion) -> bool:
    return bool(live.look("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))


def test_results_that_stream_are_held_from_the_click_on(live_region: LiveRegion) -> None:
    region = read_region()
    with acting(region.worker):
        tubes = [make_accepted(region, "K") for _ in range(60)]
        results = [make_result(region, tube, "K", "4.2").pk for tube in tubes]
    live_region.start("work", "--batch", "3")
    wait_for(lambda: in_state(live_region, "released") >= 6, "the worker releases")
    by = region.people["doctor"]
    with acting(by):
        suspend_release(laboratory=None, reason="drift", by=by, at=timezone.now())
    at_the_click = in_state(live_region, "released")
    wait_for(lambda: not in_state(live_region, "recorded"), "every result is decided")
    assert in_state(live_region, "released") == at_the_click
    assert in_state(live_region, "held") == len(results) - at_the_click > 0


def in_state(live: LiveRegion, state: str) -> int:
    return int(live.look("SELECT count(*) FROM result WHERE state = %s", state)[0][0])
