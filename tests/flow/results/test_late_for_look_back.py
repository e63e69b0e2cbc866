"""What was measured in the interval of an open look-back belongs to it, however late it comes."""

from datetime import timedelta
from threading import Event as Signal

import pytest
from django.db import transaction

from aliquot.flow.instruments.actions import KeptMessage, keep_messages
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.rules.reading import Measurement
from aliquot.flow.orders.models import OrderItem
from aliquot.flow.results.actions import (
    autoverify_batch,
    close_look_back,
    enter_result,
    file_readings,
    follow_opened,
    open_look_back,
    release_again,
    release_results,
)
from aliquot.flow.results.jobs import follow_look_backs
from aliquot.flow.results.models import CriticalCall, LookBack, LookBackMember, LookBackStep, Result
from aliquot.flow.results.rules.look_back import Criteria
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.foundation.events.models import Event
from tests.factories import NOW, make_accepted, make_decided, make_result
from tests.flow.results.ruled import put_in_force
from tests.flow.results.test_look_back import LATER, measured, of, state_of
from tests.flow.results.test_races import PATIENCE, in_session, sessions
from tests.flow.results.test_reruns import RULES
from tests.flow.results.test_rivals import waiting
from tests.processes import LiveRegion, wait_for
from tests.regions import Region, one_with, read_region
from tests.tubes import make_analyzer, message_of


def opened(region: Region, doctor: Actor, result: Result) -> LookBack:
    with acting(doctor):
        return open_look_back(of(result), region.hub, reason="lamp failed", by=doctor, at=LATER)


def members(look_back: LookBack) -> list[tuple[int, str]]:
    found = LookBackMember.objects.filter(look_back=look_back, settled=None).order_by("result_id")
    return list(found.values_list("result_id", "was"))


def test_what_comes_later_is_held_by_the_look_back_and_not_released_one_by_one(
    region: Region, doctor: Actor
) -> None:
    first = measured(region, "5.0")
    look_back = opened(region, doctor, first)
    late, outside = measured(region, "5.1", minutes=3), measured(region, "5.2", minutes=-5)
    assert (late.state, outside.state) == ("held", "released")
    (kept,) = late.reasons
    assert (kept["code"], kept["look_back"], kept["note"]) == ("held_back", str(look_back.pk), "lamp failed")
    assert kept["name"] == doctor.name
    assert members(look_back) == [(first.pk, "released"), (late.pk, "held")]
    with acting(doctor):
        with pytest.raises(Refused, match=f"Look-back {look_back.pk}"):
            release_results([late.pk], by=doctor, at=LATER)
        with pytest.raises(Refused, match="Settle them first"):
            close_look_back(look_back, "fine", by=doctor, at=LATER)
        assert release_again(look_back, reason="fine", by=doctor, at=LATER) == 2
        assert release_results([late.pk], by=doctor, at=LATER) == 1
        close_look_back(look_back, "fine", by=doctor, at=LATER)
    after = measured(region, "5.3", minutes=4)
    assert (after.state, after.reasons) == ("released", [])


def test_what_an_analyzer_sends_late_is_held_in_the_batch_that_files_it(
    region: Region, doctor: Actor
) -> None:
    analyzer = make_analyzer(region.hub, "sysmex_xn", "XN-T")
    known = make_decided(region, make_accepted(region, "WBC"), "WBC", "6.0", analyzer_id=analyzer.pk)
    tube = make_accepted(region, "WBC")
    look_back = opened(region, doctor, known)
    _send(region, analyzer, tube.number)
    assert file_readings(limit=10, by=region.worker, at=LATER) == 1
    late = Result.objects.get(specimen=tube)
    assert (late.state, late.flag) == ("held", "N")
    assert (late.pk, "held") in members(look_back)


def _send(region: Region, analyzer: Analyzer, number: str) -> None:
    content = message_of(analyzer.driver, number, Measurement("WBC", "6.1", "10*3/uL"), at=NOW)
    keep_messages([KeptMessage(region.hub.pk, analyzer.pk, "test", content, NOW)], by=region.worker)


def test_a_critical_value_that_comes_late_is_called_all_the_same(region: Region, doctor: Actor) -> None:
    opened(region, doctor, measured(region, "5.0"))
    late = make_decided(region, make_accepted(region, "K"), "K", "7.8")
    assert (late.state, late.flag) == ("held", "HH")
    assert CriticalCall.objects.get(result=late).state == "open"


def test_a_value_typed_within_an_interval_that_still_runs_is_held(region: Region, doctor: Actor) -> None:
    first = measured(region, "5.0")
    item = OrderItem.objects.get(order=make_accepted(region, "GLUS").order)
    with acting(doctor):
        what = Criteria(test_id=first.test_id, since=NOW, until=NOW + timedelta(hours=2))
        look_back = open_look_back(what, region.hub, reason="calibrator", by=doctor, at=LATER)
    technologist = one_with(region, "technologist", region.hub)
    with acting(technologist):
        typed = enter_result(item, "5.4", by=technologist, at=NOW + timedelta(hours=1))
    assert (typed.state, typed.reasons[-1]["code"]) == ("held", "held_back")
    assert (typed.pk, "held") in members(look_back)


def test_what_was_given_free_before_the_rules_saw_it_is_not_held_again(region: Region, doctor: Actor) -> None:
    first = measured(region, "5.0")
    undecided = make_result(region, make_accepted(region, "GLUS"), "GLUS", "5.1")
    look_back = opened(region, doctor, first)
    with acting(doctor):
        assert release_again(look_back, reason="fine", by=doctor, at=LATER) == 2
    autoverify_batch(limit=10, by=region.worker, at=LATER)
    assert state_of(undecided) == "released"


def test_a_run_that_a_look_back_holds_is_not_released_because_another_confirms_it(
    region: Region, doctor: Actor
) -> None:
    put_in_force(region, RULES)
    tube = make_accepted(region, "K")
    first = make_decided(region, tube, "K", "5.1")
    assert first.reasons[-1]["code"] == "rerun_asked"
    look_back = opened(region, doctor, first)
    make_decided(region, tube, "K", "5.1", measured_at=NOW + timedelta(hours=3))
    assert state_of(first) == "held"
    assert members(look_back) == [(first.pk, "held")]


def test_a_look_back_over_one_test_holds_no_other(region: Region, doctor: Actor) -> None:
    first = measured(region, "5.0")
    with acting(doctor):
        what = Criteria(test_id=first.test_id, since=NOW, until=NOW + timedelta(hours=1))
        open_look_back(what, region.hub, reason="calibrator", by=doctor, at=LATER)
    assert make_decided(region, make_accepted(region, "K"), "K", "4.2").state == "released"
    assert measured(region, "5.1", minutes=10).state == "held"


class TestAtTheSameMoment:
    """A batch that began before the look-back was committed cannot see it."""

    def test_what_was_being_decided_is_recalled_as_soon_as_it_is_there(self, live_region: LiveRegion) -> None:
        region = read_region()
        doctor = one_with(region, "laboratory_doctor", region.hub)
        with acting(region.worker):
            first = measured(region, "5.0")
            other = make_result(region, make_accepted(region, "GLUS"), "GLUS", "5.1")
        decided, go = Signal(), Signal()

        def slow() -> object:
            with acting(region.worker), transaction.atomic():
                autoverify_batch(limit=10, by=region.worker, at=NOW)
                decided.set()
                assert go.wait(PATIENCE)
            return None

        def follow() -> object:
            with acting(region.worker):
                return follow_opened([look_back.pk], by=region.worker, at=LATER)

        with sessions() as pool:
            batch = in_session(pool, slow)
            assert decided.wait(PATIENCE)
            with acting(doctor):
                look_back = LookBack.objects.create(
                    laboratory=region.hub,
                    criteria={},
                    spans=[[first.analyzer_id, None, NOW.isoformat(), LATER.isoformat()]],
                    reason="lamp failed",
                    opened_at=LATER,
                    opened_by=doctor.key,
                )
            following = in_session(pool, follow)
            wait_for(lambda: waiting(live_region, 1), "who follows waits for the batch")
            go.set()
            batch.result(PATIENCE)
            assert following.result(PATIENCE) == 2
        with acting(region.worker):
            assert (state_of(first), state_of(other)) == ("recalled", "recalled")
            assert LookBackStep.objects.get(look_back=look_back).count == 2


def test_who_opens_has_it_followed_and_it_follows_once(region: Region, doctor: Actor) -> None:
    first = measured(region, "5.0")
    look_back = opened(region, doctor, first)
    event = Event.objects.get(kind="look_back_opened")
    with acting(region.worker):
        follow_look_backs([event.subject_id], LATER)
    assert members(look_back) == [(first.pk, "released")]
    assert LookBackStep.objects.filter(look_back=look_back).count() == 1
