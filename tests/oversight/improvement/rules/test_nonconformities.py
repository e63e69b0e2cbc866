"""Which way a nonconformity goes, what is late, who may judge and close it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from aliquot.oversight.improvement.models import Nonconformity
from aliquot.oversight.improvement.rules.nonconformities import (
    BEGIN,
    CONTAIN_WITHIN,
    OVER,
    STEPS,
    USUAL_SEVERITY,
    Doing,
    Standing,
    Urgency,
    contain_by,
    filled,
    is_overdue,
    may_step,
    urgency,
    why_not_checked,
    why_not_closed,
)
from aliquot.oversight.improvement.rules.risks import Level

AT = datetime(2026, 11, 22, 6, tzinfo=UTC)
TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


def standing(state: str = "raised", level: Level = Level.MEDIUM, **changes: Any) -> Standing:
    facts: dict[str, Any] = {"contain_by": AT + 3 * DAY, **changes}
    return Standing(state, level, **facts)


def how_urgent(one: Standing) -> Urgency:
    return urgency(one, at=AT, today=TODAY)


class TestSteps:
    def test_every_state_is_reached_from_the_beginning(self) -> None:
        reached, new = {BEGIN}, {BEGIN}
        while new:
            new = {to for one in new for to in STEPS.get(one, ())} - reached
            reached |= new
        assert reached == set(Nonconformity.State.values)

    def test_what_is_over_goes_nowhere(self) -> None:
        assert not any(may_step(one, to) for one in OVER for to in Nonconformity.State.values)

    @pytest.mark.parametrize(("state", "to"), [("raised", "contained"), ("done", "contained")])
    def test_a_step_is_on_the_list(self, state: str, to: str) -> None:
        assert may_step(state, to)

    @pytest.mark.parametrize(("state", "to"), [("raised", "closed"), ("acting", "closed")])
    def test_any_other_is_not(self, state: str, to: str) -> None:
        assert not may_step(state, to)

    def test_every_source_has_a_usual_severity(self) -> None:
        assert set(USUAL_SEVERITY) == set(Nonconformity.Source.values)


class TestUrgency:
    def test_the_greater_the_risk_the_sooner_it_is_contained(self) -> None:
        assert CONTAIN_WITHIN[Level.HIGH] < CONTAIN_WITHIN[Level.MEDIUM] < CONTAIN_WITHIN[Level.LOW]
        assert contain_by(Level.HIGH, AT) == AT + DAY

    def test_what_was_not_contained_in_time_is_overdue(self) -> None:
        assert how_urgent(standing(contain_by=AT - timedelta(seconds=1))) is Urgency.OVERDUE
        assert how_urgent(standing(contain_by=AT)) is Urgency.DUE

    def test_a_day_is_over_when_it_has_passed(self) -> None:
        assert not is_overdue(standing("acting", due=(TODAY,)), at=AT, today=TODAY)
        assert how_urgent(standing("acting", due=(TODAY,))) is Urgency.DUE
        assert how_urgent(standing("acting", due=(TODAY + DAY, TODAY - DAY))) is Urgency.OVERDUE
        assert how_urgent(standing("acting", due=(TODAY + DAY,))) is Urgency.CALM

    def test_a_check_is_due_on_its_day_and_overdue_after_it(self) -> None:
        assert how_urgent(standing("done", check_on=TODAY + DAY)) is Urgency.CALM
        assert how_urgent(standing("done", check_on=TODAY)) is Urgency.DUE
        assert how_urgent(standing("done", check_on=TODAY - DAY)) is Urgency.OVERDUE
        assert how_urgent(standing("effective")) is Urgency.DUE

    def test_a_high_risk_comes_before_what_is_due_and_after_what_is_late(self) -> None:
        assert how_urgent(standing("contained", Level.HIGH)) is Urgency.HIGH
        assert how_urgent(standing("acting", Level.HIGH, due=(TODAY - DAY,))) is Urgency.OVERDUE
        assert how_urgent(standing("contained")) is Urgency.CALM

    def test_what_is_over_is_not_urgent(self) -> None:
        assert how_urgent(standing("closed", Level.HIGH, contain_by=AT - DAY)) is Urgency.OVER


class TestJudging:
    @pytest.mark.parametrize(
        ("by", "today", "why"),
        [("anna", TODAY, ""), ("boris", TODAY, "own"), ("anna", TODAY - DAY, "early")],
    )
    def test_somebody_else_judges_the_effect_on_its_day(self, by: str, today: date, why: str) -> None:
        assert why_not_checked(by, {"boris"}, TODAY, today) == why

    def test_nobody_closes_what_is_her_own_doing(self) -> None:
        doing = Doing(Level.MEDIUM, "anna", {"boris"})
        assert why_not_closed("effective", doing, "anna") == ""
        assert why_not_closed("effective", doing, "boris") == "own"

    def test_of_low_risk_one_is_closed_after_containment_by_somebody_else(self) -> None:
        assert why_not_closed("contained", Doing(Level.LOW, "anna", ()), "boris") == ""
        assert why_not_closed("contained", Doing(Level.LOW, "anna", ()), "anna") == "own"
        assert why_not_closed("contained", Doing(Level.MEDIUM, "anna", ()), "boris") == "risk"

    def test_a_complaint_is_closed_when_it_is_answered(self) -> None:
        asked = Doing(Level.LOW, "anna", (), is_complaint=True)
        answered = Doing(Level.LOW, "anna", (), is_complaint=True, is_answered=True)
        assert why_not_closed("contained", asked, "boris") == "unanswered"
        assert why_not_closed("contained", answered, "boris") == ""

    @pytest.mark.parametrize("state", ["raised", "analysed", "acting", "done"])
    def test_what_is_not_through_is_not_closed(self, state: str) -> None:
        assert why_not_closed(state, Doing(Level.LOW, "", ()), "boris") == "unfinished"

    def test_empty_whys_are_left_out(self) -> None:
        assert filled([" the label was old ", "", "  ", "nobody asked"]) == (
            "the label was old",
            "nobody asked",
        )
