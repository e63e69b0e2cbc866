"""Reception and who orders, on one order in the same moment: one waits for the other, and both finish."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from aliquot.flow.orders.models import OrderItem
from aliquot.flow.specimens.actions import (
    accept_specimens,
    give_up_specimens,
    redraw_specimens,
    reject_tests,
    withdraw_item,
    withdraw_order,
)
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from tests.factories import NOW, make_accepted, make_specimen
from tests.flow.results.test_races import PATIENCE, in_session, sessions
from tests.flow.results.test_rivals import GATE, by, waiting
from tests.processes import LiveRegion, wait_for
from tests.regions import Region, one_with, read_region

Act = Callable[[], object]


@pytest.fixture
def region(live_region: LiveRegion) -> Region:
    return read_region()


@pytest.fixture
def desk(region: Region) -> Actor:
    return one_with(region, "receptionist")


@pytest.fixture
def physician(region: Region) -> Actor:
    return one_with(region, "physician", region.clinic)


@contextmanager
def gate(live: LiveRegion, table: str) -> Iterator[psycopg.Connection[object]]:
    """Stop whoever changes this table, with what he holds until then, until the keeper lets go."""
    live.look(
        f"""CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_advisory_lock_shared({GATE}); PERFORM pg_advisory_unlock_shared({GATE}); RETURN NEW;
            END $$;
            CREATE TRIGGER gate BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION wait_at_gate()"""
    )
    with psycopg.connect(live.owner_url, autocommit=True) as keeper:
        keeper.execute("SELECT pg_advisory_lock(%s)", (GATE,))
        yield keeper
    live.look(f"DROP TRIGGER gate ON {table}; DROP FUNCTION wait_at_gate()")


def both(live: LiveRegion, table: str, first: Act, second: Act) -> tuple[object, object]:
    """The outcomes of two people: the first is in the middle of changing this table when the second begins."""
    with sessions() as pool, gate(live, table) as keeper:
        one = in_session(pool, first)
        wait_for(lambda: waiting(live, 1), "the first stands at the gate")
        two = in_session(pool, second)
        wait_for(lambda: waiting(live, 2), "the second waits for the first")
        keeper.execute("SELECT pg_advisory_unlock(%s)", (GATE,))
        return one.result(PATIENCE), two.result(PATIENCE)


def rejected(region: Region, desk: Actor) -> Specimen:
    """A tube at the hub of which potassium was rejected and creatinine stands."""
    tube = make_accepted(region, "K", "CREA")
    with acting(desk):
        reject_tests(tube, ["K"], "HAEM", "pink", by=desk, at=NOW)
    return tube


def withdrawing(tube: Specimen) -> Callable[[Actor], object]:
    item = OrderItem.objects.select_related("order").get(order_id=tube.order_id, test__code="K")
    return lambda who: withdraw_item(item, reason="twice", by=who, at=NOW).state


def test_one_gives_up_what_another_withdraws(
    live_region: LiveRegion, region: Region, desk: Actor, physician: Actor
) -> None:
    with acting(region.worker):
        tube = rejected(region, desk)
        second = by(physician, withdrawing(tube))
    first = by(desk, lambda who: give_up_specimens([tube.number], reason="left", by=who, at=NOW))
    given_up, told = both(live_region, "order_item", first, second)
    assert given_up == []
    assert "cannot be cancelled" in str(told)


def test_one_takes_in_what_another_withdraws(
    live_region: LiveRegion, region: Region, desk: Actor, physician: Actor
) -> None:
    with acting(region.worker):
        tube = make_specimen(region, "K", "CREA")
        order = tube.order
    first = by(physician, lambda who: withdraw_order(order, reason="twice", by=who, at=NOW).state)

    def take_in(who: Actor) -> object:
        return [one.kind.value for one in accept_specimens([tube.number], site=region.hub, by=who, at=NOW)]

    gone, taken = both(live_region, "specimen_test", first, by(desk, take_in))
    assert gone == "cancelled"
    assert taken != ["accepted"], "it is taken in no more: its order was withdrawn before"


def test_one_rejects_what_another_withdraws(
    live_region: LiveRegion, region: Region, desk: Actor, physician: Actor
) -> None:
    with acting(region.worker):
        tube = make_accepted(region, "K", "CREA")
        second = by(physician, withdrawing(tube))
    first = by(desk, lambda who: len(reject_tests(tube, ["K"], "HAEM", "", by=who, at=NOW)))
    assert both(live_region, "specimen_test", first, second) == (1, "placed")


def test_two_draw_the_same_tube_again(live_region: LiveRegion, region: Region, desk: Actor) -> None:
    with acting(region.worker):
        tube = rejected(region, desk)
    with sessions() as pool:
        act = by(desk, lambda who: len(redraw_specimens([tube.number], by=who, at=NOW)))
        outcomes = [one.result(PATIENCE) for one in [in_session(pool, act) for _ in range(2)]]
    assert min(map(str, outcomes)) == "1"
    assert isinstance(outcomes[0 if outcomes[1] == 1 else 1], str)
