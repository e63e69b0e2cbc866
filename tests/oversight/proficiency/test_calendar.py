"""The calendar of assessment: schemes planned for a year, opened when they come, late ones told."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.proficiency.actions import (
    SchemePlan,
    cancel_round,
    drop_planned,
    open_round,
    plan_scheme,
    submit_results,
)
from aliquot.oversight.proficiency.models import PlannedRound, ProficiencyRound
from aliquot.oversight.proficiency.queries import calendar_of, planned_round, pressing, standing_by_test
from aliquot.oversight.proficiency.rules.calendar import Expected
from tests.factories import NOW
from tests.oversight.proficiency.made import (
    DEADLINE,
    Stage,
    items_of,
    make_plan,
    make_returned,
    make_round,
    make_stage,
)
from tests.regions import Region

TODAY = NOW.date()
SCHEME = SchemePlan("chemistry", TODAY, 14, ("GLUS", "k"), "FSVOK", 3, 4)


@pytest.fixture
def stage(region: Region) -> Stage:
    return make_stage(region)


def plan(stage: Stage, **changes: object) -> list[PlannedRound]:
    with acting(stage.manager):
        asked = replace(SCHEME, **changes)  # type: ignore[arg-type]
        return plan_scheme(asked, laboratory=stage.hub, by=stage.manager, at=NOW)


def test_a_scheme_is_planned_for_a_year(stage: Stage) -> None:
    made = plan(stage, first=date(2026, 11, 30))
    assert [one.samples_on for one in made] == [
        date(2026, 11, 30),
        date(2027, 2, 28),
        date(2027, 5, 30),
        date(2027, 8, 30),
    ]
    assert (made[0].due_on, made[0].tests, made[0].planned_by) == (
        date(2026, 12, 14),
        ["GLUS", "K"],
        stage.manager.key,
    )


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"scheme": " "}, "scheme", "Name the scheme"),
        ({"tests": ("NOSUCH",)}, "tests", "no test NOSUCH"),
        ({"tests": ()}, "tests", "by their codes"),
        ({"count": 0}, "count", "from 1 to 24"),
        ({"every_months": 25}, "every_months", "from 1 to 24"),
        ({"due_after": 0}, "due_after", "from 1 to 180"),
    ],
)
def test_a_plan_that_cannot_be_kept_names_its_field(
    stage: Stage, changes: dict[str, object], field: str, words: str
) -> None:
    with pytest.raises(Refused, match=words) as told:
        plan(stage, **changes)
    assert list(told.value.fields) == [field]
    assert not PlannedRound.objects.exists()


def test_a_scheme_has_one_round_on_a_day(stage: Stage) -> None:
    first, *_ = plan(stage)
    with pytest.raises(Refused, match="on these days already"):
        plan(stage, count=1)
    with acting(stage.manager):
        drop_planned(first, "given up by the provider", by=stage.manager, at=NOW)
    assert len(plan(stage, count=1)) == 1


def test_only_who_manages_quality_here_plans(stage: Stage) -> None:
    with acting(stage.technologist), pytest.raises(Forbidden):
        plan_scheme(SCHEME, laboratory=stage.hub, by=stage.technologist, at=NOW)
    with acting(stage.manager), pytest.raises(Forbidden, match="another laboratory"):
        plan_scheme(SCHEME, laboratory=stage.spoke, by=stage.manager, at=NOW)
    (made,) = plan(stage, count=1)
    with acting(stage.at_spoke):
        assert planned_round(stage.hub, made.pk) is None, "another laboratory's calendar is not seen"


def test_a_planned_round_becomes_a_round(stage: Stage) -> None:
    (made,) = plan(stage, count=1)
    with acting(stage.manager):
        assert planned_round(stage.hub, made.pk) == made
        found = open_round(make_plan(stage), organiser=stage.hub, planned=made, by=stage.manager, at=NOW)
        ((kept, _stands),) = calendar_of(stage.hub, NOW)
        assert kept.round == found
        assert planned_round(stage.hub, made.pk) is None
        again = make_plan(stage, code="2")
        with pytest.raises(Refused, match="opened or dropped meanwhile"):
            open_round(again, organiser=stage.hub, planned=made, by=stage.manager, at=NOW)
        assert ProficiencyRound.objects.count() == 1, "nothing is half opened"
        with pytest.raises(Refused, match="opened or dropped meanwhile"):
            drop_planned(made, "x", by=stage.manager, at=NOW)


def test_one_is_dropped_with_a_reason(stage: Stage) -> None:
    (made,) = plan(stage, count=1)
    with acting(stage.manager):
        with pytest.raises(Refused, match="Say why"):
            drop_planned(made, " ", by=stage.manager, at=NOW)
        drop_planned(made, "the provider gave it up", by=stage.manager, at=NOW)
        ((kept, _stands),) = calendar_of(stage.hub, NOW)
        assert kept.dropped_why == "the provider gave it up"
        assert pressing(stage.hub, NOW + timedelta(days=9)).awaited == []
    with acting(stage.at_spoke), pytest.raises(Forbidden):
        drop_planned(made, "x", by=stage.at_spoke, at=NOW)


def test_a_round_whose_samples_did_not_come_is_pressing(stage: Stage) -> None:
    (made,) = plan(stage, count=1)
    with acting(stage.manager):
        assert pressing(stage.hub, NOW + timedelta(days=3)).awaited == []
        assert pressing(stage.hub, NOW + timedelta(days=4)).awaited == [made]
        ((_, stands),) = calendar_of(stage.hub, NOW + timedelta(days=4))
        assert stands is Expected.OVERDUE
        assert calendar_of(stage.hub, NOW + timedelta(days=200)) == []


def test_results_are_pressing_near_their_deadline_until_they_are_submitted(stage: Stage) -> None:
    found = make_round(stage)
    with acting(stage.at_spoke):
        assert pressing(stage.spoke, DEADLINE - timedelta(days=4)).returns == []
        near = pressing(stage.spoke, DEADLINE - timedelta(days=2))
        assert [one.round_id for one in near.returns] == [found.pk]
        late = pressing(stage.spoke, DEADLINE + timedelta(days=9))
        assert [one.round_id for one in late.returns] == [found.pk]
        assert late.unevaluated == []
    (item,) = items_of(found)
    make_returned(stage, item, "5.0")
    with acting(stage.at_spoke):
        submit_results(found, stage.spoke, by=stage.at_spoke, at=NOW)
        assert pressing(stage.spoke, DEADLINE).returns == []
    with acting(stage.manager):
        assert [one.pk for one in pressing(stage.hub, DEADLINE + timedelta(days=31)).unevaluated] == [
            found.pk
        ]
        cancel_round(found, "the box thawed", by=stage.manager, at=NOW)
        gone = pressing(stage.hub, DEADLINE + timedelta(days=31))
        assert (gone.returns, gone.unevaluated) == ([], [])


def test_a_test_says_when_its_next_round_is_planned(stage: Stage) -> None:
    plan(stage)
    with acting(stage.technologist):
        lines = standing_by_test(stage.hub.pk)
        assert [(one.code, one.next_due, one.next_planned) for one in lines] == [
            ("GLUS", None, TODAY),
            ("K", None, TODAY),
        ]
