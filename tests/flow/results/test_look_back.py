"""Look back: found in one query, held and recalled in one action, settled set by set; and withdrawing one value."""

from datetime import timedelta

import pytest

from aliquot.flow.instruments.models import WorkRequest
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.quality.actions import Standing, set_release_state
from aliquot.flow.quality.models import ReleaseState
from aliquot.flow.results.actions import (
    Then,
    amend_result,
    autoverify_batch,
    close_look_back,
    open_look_back,
    release_again,
    release_results,
    withdraw_members,
    withdraw_results,
)
from aliquot.flow.results.models import CriticalCall, LookBack, LookBackMember, Result
from aliquot.flow.results.queries.look_backs import matches_of, picture_of
from aliquot.flow.results.rules.look_back import Criteria
from aliquot.foundation.actors import Actor
from aliquot.foundation.audit.models import AuditBlock
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.models import Event
from tests.factories import NOW, make_accepted, make_decided, make_result
from tests.regions import Region, one_with

LATER = NOW + timedelta(minutes=20)
HOUR = timedelta(hours=1)


def measured(region: Region, value: str, *, minutes: int = 0, code: str = "GLUS") -> Result:
    """A value decided by the rules: 5.0 glucose is released; one that begins with 9 is flagged, and held."""
    at = NOW + timedelta(minutes=minutes)
    flags = ("?",) if value.startswith("9") else ()
    return make_decided(region, make_accepted(region, code), code, value, measured_at=at, flags=flags)


def of(result: Result, *, since: int = -1, until: int = 60) -> Criteria:
    return Criteria(
        analyzer_id=result.analyzer_id,
        since=NOW + timedelta(minutes=since),
        until=NOW + timedelta(minutes=until),
    )


def state_of(result: Result) -> str:
    return Result.objects.get(pk=result.pk).state


def test_released_values_are_recalled_and_waiting_ones_held_in_one_action(
    region: Region, doctor: Actor
) -> None:
    free, waiting, earlier = (
        measured(region, "5.0"),
        measured(region, "9.0", minutes=5),
        measured(region, "5.1", minutes=-30),
    )
    assert (free.state, waiting.state, earlier.state) == ("released", "held", "released")
    with acting(doctor):
        found = matches_of(of(free), region.hub.pk, at=LATER)
        assert [one.id for one in found.found] == [free.pk, waiting.pk]
        assert len(picture_of(found, region.hub.pk, test_id=free.test_id, analyzer_id=None)) == 3
        look_back = open_look_back(of(free), region.hub, reason="lamp failed", by=doctor, at=LATER)
        assert (state_of(free), state_of(waiting), state_of(earlier)) == ("recalled", "held", "released")
        members = LookBackMember.objects.filter(look_back=look_back)
        assert sorted(members.values_list("was", flat=True)) == ["held", "released"]
        kept = Result.objects.get(pk=free.pk).reasons[-1]
        assert (kept["code"], kept["note"], kept["look_back"]) == (
            "recalled",
            "lamp failed",
            str(look_back.pk),
        )
        assert OrderItem.objects.get(pk=free.order_item_id).result_id is None
    kinds = dict(
        Event.objects.filter(kind__in=["result_amended", "look_back_stepped"]).values_list(
            "kind", "subject_id"
        )
    )
    assert kinds["result_amended"] == free.order_id
    block = AuditBlock.objects.filter(reason="lamp failed").first()
    assert block is not None


def test_a_held_member_is_not_released_one_by_one(region: Region, doctor: Actor) -> None:
    waiting = measured(region, "9.0")
    with acting(doctor):
        look_back = open_look_back(of(waiting), region.hub, reason="lamp failed", by=doctor, at=LATER)
        with pytest.raises(Refused, match=f"Look-back {look_back.pk}"):
            release_results([waiting.pk], by=doctor, at=LATER)
        assert release_again(look_back, reason="lamp was fine", by=doctor, at=LATER) == 1
        assert release_results([waiting.pk], by=doctor, at=LATER) == 1


def test_what_the_rules_had_not_decided_they_decide_when_it_is_given_free(
    region: Region, doctor: Actor
) -> None:
    result = make_result(region, make_accepted(region, "K"), "K", "7.8")
    with acting(doctor):
        look_back = open_look_back(
            Criteria(order=result.order.number), region.hub, reason="lamp failed", by=doctor, at=LATER
        )
        autoverify_batch(limit=10, by=region.worker, at=LATER)
        assert state_of(result) == "held"
        assert release_again(look_back, reason="lamp was fine", by=doctor, at=LATER) == 1
    autoverify_batch(limit=10, by=region.worker, at=LATER)
    result.refresh_from_db()
    assert (result.state, result.flag) == ("held", "HH")
    assert CriticalCall.objects.get(result=result).state == "open"


def test_released_again_the_value_holds_as_before(region: Region, doctor: Actor) -> None:
    free = measured(region, "5.0")
    with acting(doctor):
        look_back = open_look_back(of(free), region.hub, reason="lamp failed", by=doctor, at=LATER)
        with pytest.raises(Refused, match="Settle them first"):
            close_look_back(look_back, "done", by=doctor, at=LATER)
        assert release_again(look_back, reason="repeats agree", by=doctor, at=LATER) == 1
        again = Result.objects.get(pk=free.pk)
        assert (again.state, again.released_at) == ("released", free.released_at)
        assert OrderItem.objects.get(pk=free.order_item_id).result_id == free.pk
        close_look_back(look_back, "lamp was fine", by=doctor, at=LATER)
        assert (look_back.state, look_back.closed_by) == (LookBack.State.CLOSED, doctor.key)
        with pytest.raises(Refused, match="finished"):
            release_again(look_back, reason="once more", by=doctor, at=LATER)


def test_repeated_members_go_back_to_their_analyzer(region: Region, doctor: Actor) -> None:
    free, waiting = measured(region, "5.0"), measured(region, "9.0", minutes=2)
    assert free.analyzer is not None
    free.analyzer.mappings.create(code="GLU", test=free.test)
    with acting(doctor):
        look_back = open_look_back(of(free), region.hub, reason="lamp failed", by=doctor, at=LATER)
        done = withdraw_members(look_back, reason="new lamp", then=Then.REPEAT, by=doctor, at=LATER)
        assert done == 2
        assert (state_of(free), state_of(waiting)) == ("withdrawn", "refused")
        assert OrderItem.objects.get(pk=free.order_item_id).state == "open"
        assert Order.objects.get(pk=free.order_id).state == "placed"
    tests = free.specimen.tests.filter(test_id=free.test_id).values_list("state", flat=True)
    assert list(tests) == ["accepted"]
    assert WorkRequest.objects.filter(specimen__in=[free.specimen, waiting.specimen]).count() == 2


def test_withdrawn_members_may_be_given_up(region: Region, doctor: Actor) -> None:
    free, waiting = measured(region, "5.0"), measured(region, "9.0", minutes=2)
    with acting(doctor):
        look_back = open_look_back(of(free), region.hub, reason="lamp failed", by=doctor, at=LATER)
        withdraw_members(look_back, reason="no tube left", then=Then.NOT_PERFORMED, by=doctor, at=LATER)
        items = OrderItem.objects.filter(pk__in=[free.order_item_id, waiting.order_item_id])
        assert set(items.values_list("state", "state_reason")) == {("not_performed", "no tube left")}
        assert Order.objects.get(pk=waiting.order_id).state == "completed"


def test_what_is_computed_from_a_given_up_member_is_given_up_with_it(region: Region, doctor: Actor) -> None:
    tube = make_accepted(region, "CREA", "EGFR")
    make_result(region, tube, "CREA", "70", flags=("?",))
    autoverify_batch(limit=10, by=region.worker, at=NOW)
    with acting(doctor):
        what = Criteria(order=tube.order.number)
        look_back = open_look_back(what, region.hub, reason="lamp failed", by=doctor, at=LATER)
        withdraw_members(look_back, reason="no tube left", then=Then.NOT_PERFORMED, by=doctor, at=LATER)
        assert set(tube.order.items.values_list("state", flat=True)) == {"not_performed"}
        assert Order.objects.get(pk=tube.order_id).state == "completed"


def test_part_of_a_look_back_is_settled_and_the_rest_stays(region: Region, doctor: Actor) -> None:
    first, second = measured(region, "5.0"), measured(region, "5.2", minutes=1)
    with acting(doctor):
        look_back = open_look_back(of(first), region.hub, reason="lamp failed", by=doctor, at=LATER)
        assert release_again(look_back, reason="fine", ids=[first.pk], by=doctor, at=LATER) == 1
        assert (state_of(first), state_of(second)) == ("released", "recalled")


def test_an_amended_member_is_settled_with_it(region: Region, doctor: Actor) -> None:
    free = measured(region, "5.0")
    with acting(doctor):
        look_back = open_look_back(of(free), region.hub, reason="lamp failed", by=doctor, at=LATER)
        new = amend_result(free, "6.2", reason="measured elsewhere", by=doctor, at=LATER)
        assert (state_of(free), new.state) == ("superseded", "released")
        assert not LookBackMember.objects.filter(look_back=look_back, settled=None).exists()
        assert [one.kind for one in look_back.steps.order_by("id")] == ["recalled", "amended"]
        close_look_back(look_back, "corrected", by=doctor, at=LATER)


def test_a_lot_names_when_it_was_in_use(region: Region, doctor: Actor) -> None:
    before, after = measured(region, "5.0"), measured(region, "5.1", minutes=30)
    analyzer, test = before.analyzer, before.test
    assert analyzer is not None
    technologist = one_with(region, "technologist", region.hub)
    with acting(technologist):
        for lot, minutes in (("A1", -60), ("B2", 15)):
            at = NOW + timedelta(minutes=minutes)
            set_release_state(analyzer, test, Standing("in_control", reagent_lot=lot), by=technologist, at=at)
        failed = set_release_state(
            analyzer, test, Standing("out_of_control", "B2"), by=technologist, at=NOW + HOUR
        )
    at = NOW + 2 * HOUR
    with acting(doctor):
        assert [one.id for one in matches_of(Criteria(reagent_lot="A1"), region.hub.pk, at=at).found] == [
            before.pk
        ]
        assert [one.id for one in matches_of(Criteria(reagent_lot="B2"), region.hub.pk, at=at).found] == [
            after.pk
        ]
        since_good = matches_of(Criteria(failure_id=failed.pk), region.hub.pk, at=at)
        assert [one.id for one in since_good.found] == [after.pk]
        assert matches_of(Criteria(reagent_lot="never"), region.hub.pk, at=at).found == []
    assert ReleaseState.objects.filter(until=None).count() == 1


def test_a_value_without_a_time_of_measurement_is_found_by_when_it_came(
    region: Region, doctor: Actor
) -> None:
    result = make_result(region, make_accepted(region, "GLUS"), "GLUS", "5.0", measured_at=None)
    with acting(doctor):
        for since, found in ((-1, [result.pk]), (1, [])):
            matches = matches_of(of(result, since=since), region.hub.pk, at=LATER)
            assert [one.id for one in matches.found] == found


def test_a_tube_and_an_order_are_found_by_number(region: Region, doctor: Actor) -> None:
    one, other = measured(region, "5.0"), measured(region, "5.1")
    with acting(doctor):
        for criteria in (Criteria(specimen=one.specimen.number), Criteria(order=one.order.number)):
            assert [found.id for found in matches_of(criteria, region.hub.pk, at=LATER).found] == [one.pk]
        assert matches_of(Criteria(specimen="nothing"), region.hub.pk, at=LATER).found == []
    assert other.state == "released"


def test_what_cannot_be_looked_for_is_refused_in_words(region: Region, doctor: Actor) -> None:
    free = measured(region, "5.0")
    with acting(doctor):
        for criteria, words in (
            (Criteria(), "Name an analyzer"),
            (Criteria(analyzer_id=free.analyzer_id), "since when"),
            (of(free, since=5, until=0), "before it begins"),
            (Criteria(test_id=free.test_id, since=NOW - timedelta(days=400), until=NOW), "at most 92"),
            (of(free, since=30), "No result"),
        ):
            with pytest.raises(Refused, match=words):
                open_look_back(criteria, region.hub, reason="why", by=doctor, at=LATER)
        with pytest.raises(Refused, match="reason"):
            open_look_back(of(free), region.hub, reason=" ", by=doctor, at=LATER)
    technologist = one_with(region, "technologist", region.hub)
    with acting(technologist), pytest.raises(Forbidden):
        open_look_back(of(free), region.hub, reason="why", by=technologist, at=LATER)
    assert state_of(free) == "released"


def test_a_withdrawn_value_opens_its_test_again(region: Region, doctor: Actor) -> None:
    free = measured(region, "5.0")
    with acting(doctor):
        assert withdraw_results([free.pk], reason="swapped", then=Then.OPEN, by=doctor, at=LATER) == 1
        item = OrderItem.objects.get(pk=free.order_item_id)
        assert (state_of(free), item.state, item.result_id) == ("withdrawn", "open", None)
        assert Order.objects.get(pk=free.order_id).state == "placed"
        with pytest.raises(Refused, match="withdrawn"):
            withdraw_results([free.pk], reason="again", then=Then.OPEN, by=doctor, at=LATER)


def test_a_withdrawn_value_without_a_tube_is_not_performed(region: Region, doctor: Actor) -> None:
    free = measured(region, "5.0")
    with acting(doctor):
        withdraw_results([free.pk], reason="wrong patient", then=Then.NOT_PERFORMED, by=doctor, at=LATER)
        item = OrderItem.objects.get(pk=free.order_item_id)
        assert (item.state, item.state_reason) == ("not_performed", "wrong patient")
        assert Order.objects.get(pk=free.order_id).state == "completed"
