"""The rule of reception: one outcome for a number, whatever the tube is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.specimens.models import Specimen
from aliquot.flow.specimens.rules.acceptance import Lane, Outcome, TestLimits
from aliquot.flow.specimens.rules.intake import Intake, TestAsked, TubeFacts, judge_intake, stranger
from aliquot.flow.specimens.rules.numbering import specimen_number

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HERE = 1


def asked(row: int, code: str, stable: int | None = 600, *, is_waiting: bool = True) -> TestAsked:
    return TestAsked(row, TestLimits(code, "EDTA", 100, stable_room_minutes=stable), is_waiting)


TUBE = TubeFacts(
    id=7,
    number="710300000018",
    state="collected",
    laboratory_id=HERE,
    container="EDTA",
    collected_at=NOW - timedelta(hours=2),
    spun_at=None,
    lane=Lane.ROOM,
    observed=frozenset(),
    is_irreplaceable=False,
    is_order_cancelled=False,
    tests=(asked(1, "HGB"),),
)

tubes = st.builds(
    lambda state, laboratory, drawn, stable, waiting, cancelled: replace(
        TUBE,
        state=state,
        laboratory_id=laboratory,
        collected_at=drawn,
        tests=tuple(asked(n, f"T{n}", s, is_waiting=waiting) for n, s in enumerate(stable)),
        is_order_cancelled=cancelled,
    ),
    st.sampled_from(Specimen.State.values),
    st.sampled_from([HERE, 2]),
    st.sampled_from([None, NOW - timedelta(hours=2)]),
    st.lists(st.sampled_from([None, 60, 600]), max_size=4),
    st.booleans(),
    st.booleans(),
)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, Intake.ACCEPTED),
        ({"state": "missing"}, Intake.ACCEPTED),
        ({"tests": (asked(1, "HGB"), asked(2, "WBC", 60))}, Intake.PARTLY),
        ({"tests": (asked(1, "HGB", None),)}, Intake.PARTLY),
        ({"tests": (asked(1, "HGB", 60),)}, Intake.REJECTED),
        ({"state": "accepted"}, Intake.ALREADY),
        ({"state": "rejected"}, Intake.ALREADY),
        ({"state": "labelled"}, Intake.NOT_COLLECTED),
        ({"collected_at": None}, Intake.NOT_COLLECTED),
        ({"is_order_cancelled": True}, Intake.CANCELLED),
        ({"tests": (asked(1, "HGB", is_waiting=False),)}, Intake.CANCELLED),
        ({"laboratory_id": 2}, Intake.OTHER_LABORATORY),
    ],
)
def test_each_case_has_its_name(changes: dict[str, object], kind: Intake) -> None:
    assert judge_intake(replace(TUBE, **changes), laboratory_id=HERE, at=NOW).kind is kind  # type: ignore[arg-type]


@given(tubes)
def test_what_is_refused_judges_nothing_and_what_is_taken_in_judges_every_waiting_test(
    tube: TubeFacts,
) -> None:
    outcome = judge_intake(tube, laboratory_id=HERE, at=NOW)
    waiting = [one.limits.code for one in tube.tests if one.is_waiting]
    if outcome.kind in {Intake.ACCEPTED, Intake.PARTLY, Intake.REJECTED}:
        assert [one.test for one in outcome.verdicts] == waiting != []
    else:
        assert outcome.verdicts == ()


@given(tubes)
def test_nothing_is_accepted_of_a_rejected_tube_and_all_of_an_accepted_one(tube: TubeFacts) -> None:
    outcome = judge_intake(tube, laboratory_id=HERE, at=NOW)
    accepted = outcome.with_outcome(Outcome.ACCEPT, Outcome.CONCESSION)
    if outcome.kind is Intake.REJECTED:
        assert accepted == ()
    if outcome.kind is Intake.ACCEPTED:
        assert accepted == outcome.verdicts


def test_a_number_without_a_tube_is_of_another_region_only_when_it_is_a_number_of_one() -> None:
    ours, theirs = specimen_number("7103", 9), specimen_number("5001", 9)
    found = [stranger(one, {"71"}).kind for one in (ours, theirs, theirs[:-1] + "x", "")]
    assert found == [Intake.UNKNOWN, Intake.OTHER_REGION, Intake.UNKNOWN, Intake.UNKNOWN]


def test_the_tests_with_an_outcome_are_told_apart() -> None:
    late = replace(TUBE, tests=(asked(1, "HGB"), asked(2, "ESR", stable=60)))
    found = judge_intake(late, laboratory_id=HERE, at=NOW)
    assert [one.test for one in found.with_outcome(Outcome.ACCEPT)] == ["HGB"]
    assert [one.test for one in found.with_outcome(Outcome.REJECT, Outcome.HOLD)] == ["ESR"]
    assert len(found.with_outcome(*Outcome)) == 2
