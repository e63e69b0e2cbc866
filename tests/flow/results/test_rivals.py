"""Two people on one result at the same moment, each in a session of its own: one wins, the other is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier

import psycopg
import pytest

from aliquot.flow.results.actions import (
    Then,
    amend_result,
    autoverify_batch,
    open_look_back,
    refuse_result,
    release_again,
    release_results,
    withdraw_members,
    withdraw_results,
)
from aliquot.flow.results.models import LookBack, Result
from aliquot.flow.results.rules.look_back import Criteria
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from tests.factories import NOW, make_accepted, make_result
from tests.flow.results.test_races import PATIENCE, in_session, sessions
from tests.processes import LiveRegion, wait_for
from tests.regions import Region, one_with, read_region

GATE = 4712
"""Advisory lock at which whoever changes a result is stopped, with its row held, until the test lets go."""
LATER = NOW + timedelta(hours=2)
Act = Callable[[], object]


@pytest.fixture
def committed(live_region: LiveRegion) -> Region:
    return read_region()


def doctor_of(region: Region) -> Actor:
    return one_with(region, "laboratory_doctor", region.hub)


def director_of(region: Region) -> Actor:
    return one_with(region, "hub_director", region.hub)


def decided(region: Region, value: str = "4.2", *flags: str) -> Result:
    """A potassium that the rules have decided: released, or held for a flag that nobody knows."""
    with acting(region.worker):
        result = make_result(region, make_accepted(region, "K"), "K", value, flags=flags)
        autoverify_batch(limit=10, by=region.worker, at=NOW)
        return Result.objects.get(pk=result.pk)


def recalled(region: Region, *, most: int = 1) -> LookBack:
    """A look-back that has recalled `most` released values of one analyzer."""
    kept = [decided(region) for _ in range(most)]
    doctor = doctor_of(region)
    since, until = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    with acting(doctor):
        what = Criteria(analyzer_id=kept[0].analyzer_id, since=since, until=until)
        return open_look_back(what, region.hub, reason="lamp failed", by=doctor, at=LATER)


def by(actor: Actor, work: Callable[[Actor], object]) -> Act:
    """The work of this person in a session; its outcome is what it gave, or the words of its refusal."""

    def act() -> object:
        try:
            with acting(actor):
                return work(actor)
        except Refused as refusal:
            return str(refusal)

    return act


@contextmanager
def gate(live: LiveRegion) -> Iterator[psycopg.Connection[object]]:
    """Stop whoever changes a result, after its row is locked, until the keeper lets go of the gate."""
    live.look(
        f"""CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_advisory_lock_shared({GATE}); PERFORM pg_advisory_unlock_shared({GATE}); RETURN NEW;
            END $$;
            CREATE TRIGGER gate BEFORE UPDATE ON result FOR EACH ROW EXECUTE FUNCTION wait_at_gate()"""
    )
    with psycopg.connect(live.owner_url, autocommit=True) as keeper:
        keeper.execute("SELECT pg_advisory_lock(%s)", (GATE,))
        yield keeper
    live.look("DROP TRIGGER gate ON result; DROP FUNCTION wait_at_gate()")


def waiting(live: LiveRegion, count: int) -> bool:
    """Whether so many sessions of this database wait for a lock."""
    query = """SELECT count(DISTINCT l.pid)::int FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                WHERE NOT l.granted AND a.datname = current_database()"""
    return live.look(query) == [(count,)]


def first_and_second(live: LiveRegion, first: Act, second: Act) -> tuple[object, object]:
    """The outcomes of two people: the first is in the middle of the change when the second begins."""
    with sessions() as pool, gate(live) as keeper:
        one = in_session(pool, first)
        wait_for(lambda: waiting(live, 1), "the first stands at the gate")
        two = in_session(pool, second)
        wait_for(lambda: waiting(live, 2), "the second waits for the first")
        keeper.execute("SELECT pg_advisory_unlock(%s)", (GATE,))
        return one.result(PATIENCE), two.result(PATIENCE)


def together(first: Act, second: Act) -> list[object]:
    """The outcomes of two people who begin in the same moment, whoever is faster."""
    start = Barrier(2)

    def at_once(act: Act) -> Act:
        def run() -> object:
            start.wait(PATIENCE)
            return act()

        return run

    with sessions() as pool:
        both = [in_session(pool, at_once(act)) for act in (first, second)]
        return [one.result(PATIENCE) for one in both]


def states(live: LiveRegion) -> list[tuple[str, int]]:
    return live.look("SELECT state, count(*)::int FROM result GROUP BY state ORDER BY state")


def releasing(ids: list[int]) -> Callable[[Actor], object]:
    return lambda who: release_results(ids, by=who, at=NOW)


def refusing(ids: list[int]) -> Callable[[Actor], object]:
    return lambda who: refuse_result(ids, reason="clotted", by=who, at=NOW)


def amending(result: Result, value: str) -> Callable[[Actor], object]:
    return lambda who: amend_result(result, value, reason="a slip", by=who, at=LATER).value_text


def withdrawing(ids: list[int]) -> Callable[[Actor], object]:
    return lambda who: withdraw_results(ids, reason="swapped", then=Then.OPEN, by=who, at=LATER)


def giving_free(look_back: LookBack) -> Callable[[Actor], object]:
    return lambda who: release_again(look_back, reason="repeats agree", by=who, at=LATER)


def withdrawing_all(look_back: LookBack) -> Callable[[Actor], object]:
    return lambda who: withdraw_members(look_back, reason="lamp failed", then=Then.OPEN, by=who, at=LATER)


def is_told(outcome: object) -> bool:
    """Whether this person was refused in words."""
    return isinstance(outcome, str) and len(outcome.split()) > 3


class TestOneWins:
    """Of two in the same moment exactly one wins, and the database says what that one did."""

    @pytest.mark.parametrize("turn", range(4))
    def test_two_release_the_same_result(self, live_region: LiveRegion, committed: Region, turn: int) -> None:
        ids = [decided(committed, "4.2", "strange").pk]
        people = [by(who, releasing(ids)) for who in (doctor_of(committed), director_of(committed))]
        outcomes = together(*people[:: -1 if turn % 2 else 1])
        assert sorted(map(is_told, outcomes)) == [False, True]
        assert 1 in outcomes
        assert states(live_region) == [("released", 1)]
        told = live_region.look("SELECT count(*) FROM event WHERE kind = 'result_released'")
        assert told[0][0] <= 1

    def test_one_releases_and_one_refuses(self, live_region: LiveRegion, committed: Region) -> None:
        ids = [decided(committed, "4.2", "strange").pk]
        release, refuse = together(
            by(doctor_of(committed), releasing(ids)), by(director_of(committed), refusing(ids))
        )
        assert sorted([is_told(release), is_told(refuse)]) == [False, True]
        assert states(live_region) == [("released" if release == 1 else "refused", 1)]

    def test_two_amend_the_same_value(self, live_region: LiveRegion, committed: Region) -> None:
        result = decided(committed)
        outcomes = together(
            by(doctor_of(committed), amending(result, "4.4")),
            by(director_of(committed), amending(result, "4.6")),
        )
        (value,) = [one for one in outcomes if not is_told(one)]
        live = live_region.look("SELECT value_text FROM result WHERE state = 'released'")
        assert (live, states(live_region)) == ([(value,)], [("released", 1), ("superseded", 1)])

    def test_one_gives_free_what_another_withdraws(self, live_region: LiveRegion, committed: Region) -> None:
        look_back = recalled(committed, most=3)
        free, gone = together(
            by(doctor_of(committed), giving_free(look_back)),
            by(director_of(committed), withdrawing_all(look_back)),
        )
        assert sorted([is_told(free), is_told(gone)]) == [False, True]
        assert states(live_region) == [("released" if free == 3 else "withdrawn", 3)]
        settled = live_region.look("SELECT count(DISTINCT settled_id)::int FROM look_back_member")
        assert settled == [(1,)]


class TestInTheMiddle:
    """The first holds the row with its change unfinished: the second waits, and is told what came of it."""

    def test_release_and_release(self, live_region: LiveRegion, committed: Region) -> None:
        ids = [decided(committed, "4.2", "strange").pk]
        doctor, director = doctor_of(committed), director_of(committed)
        won, told = first_and_second(live_region, by(doctor, releasing(ids)), by(director, releasing(ids)))
        assert won == 1
        assert doctor.name in str(told)
        assert states(live_region) == [("released", 1)]

    def test_amend_and_release(self, live_region: LiveRegion, committed: Region) -> None:
        result = decided(committed)
        won, told = first_and_second(
            live_region,
            by(doctor_of(committed), amending(result, "4.4")),
            by(director_of(committed), releasing([result.pk])),
        )
        assert won == "4.4"
        assert is_told(told)
        assert states(live_region) == [("released", 1), ("superseded", 1)]

    def test_release_and_amend(self, live_region: LiveRegion, committed: Region) -> None:
        result = decided(committed, "4.2", "strange")
        won, after = first_and_second(
            live_region,
            by(doctor_of(committed), releasing([result.pk])),
            by(director_of(committed), amending(result, "4.4")),
        )
        assert won == 1
        # the second saw the value released, not the one that waited: amended in its turn, or told to wait
        assert after == "4.4" or is_told(after)
        live = live_region.look("SELECT count(*)::int FROM result WHERE state = 'released'")
        assert live == [(1,)]

    def test_withdraw_and_release_again(self, live_region: LiveRegion, committed: Region) -> None:
        look_back = recalled(committed)
        won, told = first_and_second(
            live_region,
            by(doctor_of(committed), withdrawing_all(look_back)),
            by(director_of(committed), giving_free(look_back)),
        )
        assert won == 1
        assert is_told(told)
        assert states(live_region) == [("withdrawn", 1)]

    def test_release_again_and_withdraw(self, live_region: LiveRegion, committed: Region) -> None:
        look_back = recalled(committed)
        won, told = first_and_second(
            live_region,
            by(doctor_of(committed), giving_free(look_back)),
            by(director_of(committed), withdrawing_all(look_back)),
        )
        assert won == 1
        assert is_told(told)
        assert states(live_region) == [("released", 1)]

    def test_amend_and_withdraw(self, live_region: LiveRegion, committed: Region) -> None:
        result = decided(committed)
        won, told = first_and_second(
            live_region,
            by(doctor_of(committed), amending(result, "4.4")),
            by(director_of(committed), withdrawing([result.pk])),
        )
        assert won == "4.4"
        assert is_told(told)
        assert states(live_region) == [("released", 1), ("superseded", 1)]
