"""What was submitted, evaluated or closed stands, whoever writes past the actions; values are told without names."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import ProgrammingError

from aliquot.foundation.context import acting
from aliquot.oversight.proficiency.actions import answer_step, close_case, close_round, submit_results
from aliquot.oversight.proficiency.models import FailureCase, Participation, ProficiencyRound
from aliquot.oversight.proficiency.queries import method_groups, returned_values, standing_by_test
from tests.factories import NOW
from tests.oversight.proficiency.made import (
    AFTERWARDS,
    DEADLINE,
    Stage,
    items_of,
    make_returned,
    make_round,
    make_stage,
)
from tests.regions import Region

D = Decimal
MANAGES = "only who manages quality opens and closes a case"


@pytest.fixture
def stage(region: Region) -> Stage:
    return make_stage(region)


@pytest.fixture
def found(stage: Stage) -> ProficiencyRound:
    """Running: the spoke returned 5.7 by one method, the hub 5.0 by another."""
    made = make_round(stage)
    (item,) = items_of(made)
    make_returned(stage, item, "5.7", method="c111")
    make_returned(stage, item, "5.0", site=stage.hub, method="c311")
    return made


def close(stage: Stage, found: ProficiencyRound) -> None:
    with acting(stage.manager):
        close_round(found, by=stage.manager, at=AFTERWARDS)


def refused(who: Any, change: Callable[[], object], words: str) -> None:
    with pytest.raises(ProgrammingError, match=words), acting(who):
        change()


def test_a_round_that_is_over_is_not_opened_again(stage: Stage, found: ProficiencyRound) -> None:
    close(stage, found)
    rounds = ProficiencyRound.objects.filter(pk=found.pk)
    refused(stage.manager, lambda: rounds.update(state="open"), "a round that is over stands")
    refused(stage.manager, lambda: rounds.update(submit_by=NOW), "a round that is over stands")


def test_who_takes_part_is_named_by_the_organiser_while_it_runs(
    stage: Stage, found: ProficiencyRound, region: Region
) -> None:
    own = Participation.objects.filter(round=found, laboratory=stage.spoke)
    share: dict[str, Any] = {"score_percent": D(100), "is_satisfactory": True}
    refused(stage.at_spoke, lambda: own.update(**share), "only who organises the round evaluates it")
    another = Participation(round=found, organiser=stage.hub, laboratory=region.clinic, code="99")
    forged = Participation(round=found, organiser=stage.hub, laboratory=stage.spoke, code="98")
    refused(stage.at_spoke, forged.save, "only who organises the round names its participants")
    close(stage, found)
    refused(stage.manager, lambda: own.update(**share), "a round that is over")
    refused(stage.manager, another.save, "a round that is over")


def test_what_was_submitted_is_not_taken_back(stage: Stage, found: ProficiencyRound) -> None:
    with acting(stage.at_spoke):
        submit_results(found, stage.spoke, by=stage.at_spoke, at=NOW)
    own = Participation.objects.filter(round=found, laboratory=stage.spoke)
    refused(stage.at_spoke, lambda: own.update(submitted_at=None), "not taken back")
    refused(stage.manager, lambda: own.update(submitted_at=DEADLINE), "not taken back")
    with acting(stage.manager):
        assert own.update(score_percent=D(100)) == 1, "the organiser evaluates what was submitted"


def test_a_case_is_opened_and_closed_by_who_manages_quality(stage: Stage, found: ProficiencyRound) -> None:
    close(stage, found)
    cases = FailureCase.objects.all()
    closing = {"state": "closed", "cause": "sample", "conclusion": "x", "closed_at": AFTERWARDS}
    refused(stage.at_spoke, lambda: cases.update(**closing), MANAGES)
    with acting(stage.manager):
        case = cases.get()
        for step, finding in (("clerical", "cause"), ("patient_impact", "no_impact")):
            answer_step(case, step, finding, "looked at", by=stage.manager, at=AFTERWARDS)
        close_case(case, "labels", by=stage.manager, at=AFTERWARDS)
    refused(stage.manager, lambda: cases.update(state="open"), "a closed case stands")


class TestValuesWithoutNames:
    def test_the_organiser_sees_them_while_the_round_runs(
        self, stage: Stage, found: ProficiencyRound
    ) -> None:
        with acting(stage.manager):
            told = [(one.value, one.method, one.is_own) for one in returned_values(items_of(found)[0].pk)]
        assert told == [(D("5.0"), "c311", True), (D("5.7"), "c111", False)]

    def test_participants_see_them_once_it_is_evaluated(self, stage: Stage, found: ProficiencyRound) -> None:
        (item,) = items_of(found)
        with acting(stage.at_spoke):
            assert returned_values(item.pk) == []
        close(stage, found)
        with acting(stage.at_spoke):
            told = [(one.value, one.method, one.is_own) for one in returned_values(item.pk)]
            assert told == [(D("5.0"), "c311", False), (D("5.7"), "c111", True)]
            assert {one.method: (one.count, one.median) for one in method_groups(item.pk)} == {
                "c111": (1, D("5.7")),
                "c311": (1, D("5.0")),
            }

    def test_who_takes_no_part_sees_none(self, stage: Stage) -> None:
        made = make_round(stage, participants={stage.hub.pk: "01"})
        (item,) = items_of(made)
        make_returned(stage, item, "5.0", site=stage.hub)
        close(stage, made)
        with acting(stage.at_spoke):
            assert returned_values(item.pk) == []
        with acting(stage.technologist):
            assert [one.value for one in returned_values(item.pk)] == [D("5.0")]


def test_a_test_stands_by_its_last_round_and_its_next_deadline(stage: Stage, found: ProficiencyRound) -> None:
    with acting(stage.at_spoke):
        (line,) = standing_by_test(stage.spoke.pk)
        assert (line.code, line.round_id, line.next_due) == ("GLUS", None, DEADLINE)
    close(stage, found)
    later = DEADLINE + timedelta(days=30)
    make_round(stage, code="2026-12", submit_by=later)
    with acting(stage.at_spoke):
        (line,) = standing_by_test(stage.spoke.pk)
        assert (line.round, line.mean_z, line.failed, line.warned, line.counted) == (
            "2026-11",
            D("3.5"),
            1,
            0,
            1,
        )
        assert line.next_due == later
    with acting(stage.manager):
        (line,) = standing_by_test(stage.hub.pk)
        assert (line.failed, line.mean_z) == (0, D(0))
