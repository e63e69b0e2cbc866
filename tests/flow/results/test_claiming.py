"""Two people never have one result: who opens it has it, until he goes on, stays away, or a colleague takes over."""

from datetime import timedelta
from typing import Any

import pytest

from aliquot.flow.results.actions import (
    claim_result,
    keep_claim,
    mark_overdue,
    release_results,
    require_unclaimed,
)
from aliquot.flow.results.actions.claiming import LOOKS_FOR
from aliquot.flow.results.models import CriticalCall, Result, ResultClaim
from aliquot.flow.results.queries import claims_of, worklist
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.catalogue.models import Test
from tests.factories import NOW, make_accepted, make_decided
from tests.regions import Region, one_with

AT = NOW + timedelta(minutes=5)


@pytest.fixture
def director(region: Region) -> Actor:
    return region.people["director"]


def held(region: Region, value: str = "6.9", code: str = "K", **changes: Any) -> Result:
    return make_decided(region, make_accepted(region, code, **changes), code, value)


def looks(who: Actor, result: Result, *, at: object = AT, take_over: bool = False) -> str:
    """Who has the result after this person opened it."""
    with acting(who):
        claim = claim_result(result.pk, take_over=take_over, by=who, at=at)  # type: ignore[arg-type]
    return claim.by if claim else ""


def test_who_opens_a_result_first_has_it(region: Region, doctor: Actor, director: Actor) -> None:
    result = held(region)
    assert looks(doctor, result) == doctor.key
    assert looks(director, result) == doctor.key
    with acting(director), pytest.raises(Refused, match=f"{doctor.name} looks at this result since"):
        require_unclaimed([result.pk], by=director, at=AT)
    with acting(doctor):
        require_unclaimed([result.pk], by=doctor, at=AT)


def test_the_list_says_who_looks(region: Region, doctor: Actor, director: Actor) -> None:
    result = held(region)
    looks(doctor, result)
    with acting(director):
        assert [one.looked_at_by for one in worklist(region.hub.pk, at=AT)] == [doctor.key]
        assert [one.looked_at_by for one in worklist(region.hub.pk, at=AT + LOOKS_FOR)] == [None]


def test_a_claim_is_over_when_its_page_was_closed(region: Region, doctor: Actor, director: Actor) -> None:
    result = held(region)
    looks(doctor, result)
    assert looks(director, result, at=AT + LOOKS_FOR - timedelta(seconds=1)) == doctor.key
    assert looks(director, result, at=AT + LOOKS_FOR) == director.key


def test_an_open_page_keeps_it(region: Region, doctor: Actor, director: Actor) -> None:
    result = held(region)
    looks(doctor, result)
    with acting(doctor):
        keep_claim(result.pk, by=doctor, at=AT + timedelta(seconds=60))
    assert looks(director, result, at=AT + LOOKS_FOR) == doctor.key


def test_a_claim_is_taken_over_and_its_owner_learns_it(
    region: Region, doctor: Actor, director: Actor
) -> None:
    result = held(region)
    looks(doctor, result)
    assert looks(director, result, take_over=True) == director.key
    with acting(doctor):
        kept = keep_claim(result.pk, by=doctor, at=AT)
        assert kept is not None
        assert kept.by == director.key
        with pytest.raises(Refused, match=f"{director.name} looks at this"):
            require_unclaimed([result.pk], by=doctor, at=AT)


def test_who_goes_on_leaves_the_one_before(region: Region, doctor: Actor, director: Actor) -> None:
    first, second = held(region), held(region)
    looks(doctor, first)
    looks(doctor, second)
    with acting(doctor):
        assert list(claims_of([first.pk, second.pk], at=AT)) == [second.pk]
    assert looks(director, first) == director.key


def test_what_no_longer_waits_is_nobodys(region: Region, doctor: Actor) -> None:
    result = held(region)
    with acting(doctor):
        release_results([result.pk], by=doctor, at=AT)
    assert looks(doctor, result) == ""


def test_a_claim_binds_nobodys_hands(region: Region, doctor: Actor, director: Actor) -> None:
    """The states of the result tell two decisions apart, with a claim or without one."""
    result = held(region)
    looks(doctor, result)
    with acting(director):
        assert release_results([result.pk], by=director, at=AT) == 1
    with acting(doctor), pytest.raises(Refused, match="was already released by"):
        release_results([result.pk], by=doctor, at=AT)


def test_another_laboratory_and_a_clinic_see_no_claim(region: Region, doctor: Actor) -> None:
    result = held(region)
    looks(doctor, result)
    nurse = one_with(region, "nurse", region.clinic)
    with acting(nurse):
        assert not ResultClaim.objects.exists()
        with pytest.raises(Forbidden):
            claim_result(result.pk, by=nurse, at=AT)


def test_what_waits_too_long_comes_before_what_is_critical(region: Region, doctor: Actor) -> None:
    plain, critical = held(region, "7.6", "HBA1C"), held(region)
    minutes, accepted = plain.test.tat_routine_minutes, plain.specimen.accepted_at
    assert minutes
    assert accepted
    due = accepted + timedelta(minutes=minutes)
    with acting(region.worker):
        CriticalCall.objects.update(state="closed", closed_at=NOW, told_to="Dr. Lugovoy", read_back="6.9")
        Result.objects.filter(pk=critical.pk).update(urgency="S")
        Test.objects.filter(pk=critical.test_id).update(tat_stat_minutes=minutes * 2)
        assert mark_overdue(limit=10, by=region.worker, at=due) == 0
        assert mark_overdue(limit=10, by=region.worker, at=due + timedelta(seconds=1)) == 1
        rows = worklist(region.hub.pk, at=AT)
        assert [(one.result_id, one.is_on_time) for one in rows] == [(plain.pk, False), (critical.pk, True)]
        assert worklist(region.hub.pk, at=AT, after=rows[0].place) == rows[1:]


def test_an_overdue_call_puts_its_value_first(region: Region) -> None:
    critical = held(region)
    with acting(region.worker):
        due = CriticalCall.objects.get(result=critical).due_at
        assert mark_overdue(limit=10, by=region.worker, at=due) == 0
        assert mark_overdue(limit=10, by=region.worker, at=due + timedelta(seconds=1)) == 1
        assert not Result.objects.get(pk=critical.pk).is_on_time
