"""How a test stands on an analyzer: said by a person, kept with its history, looked at by every decision."""

from datetime import timedelta
from typing import Any

import pytest

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.actions import Standing, change_release_states
from aliquot.flow.quality.models import ReleaseState
from aliquot.flow.quality.queries import standing_of
from aliquot.flow.results.actions import autoverify_batch
from aliquot.flow.results.models import Result
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.catalogue.models import Test
from tests.factories import NOW, make_accepted, make_result
from tests.regions import Region, one_with
from tests.tubes import make_analyzer

MINUTE = timedelta(minutes=1)


@pytest.fixture
def analyzer(region: Region) -> Analyzer:
    return make_analyzer(region.hub, "roche_cobas_c311", "C311-Q")


def say(analyzer: Analyzer, by: Actor, *codes: str, minutes: int = 60, **said: Any) -> list[ReleaseState]:
    """What this person says of these tests, so many minutes before now."""
    tests = list(Test.objects.filter(code__in=codes).order_by("code"))
    change = Standing(**{"note": "morning control", **said})
    with acting(by):
        return change_release_states(analyzer, tests, change, by=by, at=NOW - minutes * MINUTE)


def decided(region: Region, analyzer: Analyzer, *, minutes: int = 5) -> tuple[str, list[str]]:
    """What becomes of a potassium that this analyzer measured so many minutes before now."""
    result = make_result(
        region,
        make_accepted(region, "K"),
        "K",
        "4.2",
        analyzer_id=analyzer.pk,
        measured_at=NOW - minutes * MINUTE,
    )
    autoverify_batch(limit=10, by=region.worker, at=NOW)
    with acting(region.worker):
        kept = Result.objects.get(pk=result.pk)
    return kept.state, [one["code"] for one in kept.reasons]


def test_without_any_state_and_plan_a_result_is_released_as_before(
    region: Region, analyzer: Analyzer
) -> None:
    assert decided(region, analyzer) == ("released", [])


@pytest.mark.parametrize(
    ("said", "reasons"),
    [
        ({"qc_state": "in_control"}, []),
        ({"qc_state": "out_of_control"}, ["out_of_control"]),
        ({"calibrated_until": NOW + MINUTE}, []),
        ({"calibrated_until": NOW - 10 * MINUTE}, ["calibration_expired"]),
        ({"reagent_lot": "L1", "reagent_expires_at": NOW + MINUTE}, []),
        ({"reagent_lot": "L1", "reagent_expires_at": NOW - 10 * MINUTE}, ["reagent_expired"]),
        ({"reagent_lot": "L1"}, []),  # without a plan a lot alone says nothing against release
    ],
)
def test_what_a_person_says_counts_at_once(
    region: Region, analyzer: Analyzer, technologist: Actor, said: dict[str, Any], reasons: list[str]
) -> None:
    say(analyzer, technologist, "K", **said)
    assert decided(region, analyzer) == ("held" if reasons else "released", reasons)


def test_another_test_of_the_analyzer_is_not_touched(
    region: Region, analyzer: Analyzer, technologist: Actor
) -> None:
    say(analyzer, technologist, "NA", qc_state="out_of_control")
    assert decided(region, analyzer) == ("released", [])


def test_a_test_with_a_plan_waits_for_its_control(
    region: Region, analyzer: Analyzer, technologist: Actor
) -> None:
    with acting(one_with(region, "hub_director")):
        Analyzer.objects.filter(pk=analyzer.pk).update(has_qc_plan=True)
    assert decided(region, analyzer) == ("held", ["qc_unknown"])
    say(analyzer, technologist, "K", qc_state="in_control")
    assert decided(region, analyzer) == ("released", [])


def test_what_was_measured_out_of_control_waits_although_it_is_in_control_again(
    region: Region, analyzer: Analyzer, technologist: Actor
) -> None:
    say(analyzer, technologist, "K", qc_state="out_of_control", minutes=30)
    say(analyzer, technologist, "K", qc_state="in_control", minutes=10, note="new reagent")
    assert decided(region, analyzer, minutes=20) == ("held", ["out_of_control"])
    assert decided(region, analyzer, minutes=5) == ("released", [])


def test_what_was_measured_before_it_went_out_of_control_waits_too(
    region: Region, analyzer: Analyzer, technologist: Actor
) -> None:
    say(analyzer, technologist, "K", qc_state="in_control", minutes=60)
    say(analyzer, technologist, "K", qc_state="out_of_control", minutes=10)
    assert decided(region, analyzer, minutes=30) == ("held", ["out_of_control"])


def test_what_was_measured_before_a_failure_waits_although_it_is_in_control_again(
    region: Region, analyzer: Analyzer, technologist: Actor
) -> None:
    """Since the last good control nobody knows; it is decided only now, when another good one has followed."""
    say(analyzer, technologist, "K", qc_state="in_control", minutes=60)
    say(analyzer, technologist, "K", qc_state="out_of_control", minutes=30)
    say(analyzer, technologist, "K", qc_state="in_control", minutes=10, note="new reagent")
    assert decided(region, analyzer, minutes=45) == ("held", ["out_of_control"])
    assert decided(region, analyzer, minutes=5) == ("released", [])


def test_what_is_left_empty_stays_and_history_is_kept(
    region: Region, analyzer: Analyzer, technologist: Actor
) -> None:
    assert region.hub.pk == analyzer.laboratory_id
    say(analyzer, technologist, "K", "NA", qc_state="in_control", reagent_lot="L1", minutes=60)
    say(analyzer, technologist, "K", reagent_lot="L2", minutes=30, note="new bottle")
    with acting(technologist):
        rows = list(ReleaseState.objects.filter(test__code="K").order_by("since"))
        standing = standing_of(analyzer.pk)
    assert [(one.qc_state, one.reagent_lot, one.note) for one in rows] == [
        ("in_control", "L1", "morning control"),
        ("in_control", "L2", "new bottle"),
    ]
    assert (rows[0].until, rows[1].until, rows[1].by) == (NOW - 30 * MINUTE, None, technologist.key)
    assert {one.test.code: one.reagent_lot for one in standing.values()} == {"K": "L2", "NA": "L1"}


def test_a_state_needs_a_reason_a_test_and_a_person_of_the_laboratory(
    region: Region, analyzer: Analyzer, technologist: Actor
) -> None:
    with pytest.raises(Refused, match="Say why"):
        say(analyzer, technologist, "K", qc_state="in_control", note=" ")
    with pytest.raises(Refused, match="mapped"):
        say(analyzer, technologist, qc_state="in_control")
    with pytest.raises(Forbidden):
        say(analyzer, one_with(region, "nurse", region.clinic), "K", qc_state="in_control")
    with acting(technologist):
        assert not ReleaseState.objects.exists()
