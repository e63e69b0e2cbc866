"""A round from its plan to its returned results: who may, until when, from which tube."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.proficiency.actions import (
    ItemPlan,
    Returned,
    SamplePlan,
    cancel_round,
    check_homogeneity_of,
    check_stability_of,
    extend_round,
    name_tube,
    open_round,
    receive_sample,
    record_eqa_result,
    submit_results,
    take_measured_results,
)
from aliquot.oversight.proficiency.models import (
    ProficiencyResult,
    ProficiencyRound,
    ProficiencyTarget,
    SampleReceipt,
)
from aliquot.oversight.proficiency.queries import arranged_by, progress, rounds_of, worksheet
from aliquot.oversight.proficiency.rules.items import Basis, Target
from tests.factories import NOW, make_accepted, make_decided
from tests.oversight.proficiency.made import (
    AFTERWARDS,
    DEADLINE,
    GLUCOSE,
    Stage,
    items_of,
    make_plan,
    make_returned,
    make_round,
    make_stage,
)
from tests.regions import Region

D = Decimal


@pytest.fixture
def stage(region: Region) -> Stage:
    return make_stage(region)


def planned(*items: ItemPlan) -> dict[str, Any]:
    return {"samples": (SamplePlan("S1", items),)}


def test_a_round_is_opened_with_all_it_needs(stage: Stage) -> None:
    found = make_round(stage)
    (item,) = items_of(found)
    assert (found.state, found.kind, item.unit, item.is_quantitative) == ("open", "own", "mmol/L", True)
    assert item.target.assigned == 5
    with acting(stage.at_spoke):
        (line,) = rounds_of(stage.spoke.pk)
        assert (line.code, line.participant, line.samples, line.items, line.returned) == (
            "2026-11",
            "02",
            1,
            1,
            0,
        )
    with acting(stage.manager):
        assert [one.pk for one in arranged_by(stage.hub.pk)] == [found.pk]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"code": " "}, "code", "Give the round"),
        ({"kind": "provider"}, "provider", "Name the provider"),
        ({"submit_by": NOW}, "submit_by", "in the future"),
        ({"needed_percent": D(101)}, "needed_percent", "up to 100"),
        ({"participants": {}}, "participants", "at least one"),
        ({"participants": {-5: "1"}}, "participants", "at least one"),
        ({"samples": ()}, "samples", "A round has samples"),
        ({"samples": (SamplePlan("S1", ()),)}, "samples", "choose its tests"),
        (planned(ItemPlan("GLUS", GLUCOSE), ItemPlan("GLUS", GLUCOSE)), "samples", "each once"),
        (planned(ItemPlan("NOSUCH", GLUCOSE)), "samples", "no test NOSUCH"),
        (
            planned(ItemPlan("GLUS", Target(Basis.REFERENCE, sigma=D(1)))),
            "samples",
            "enter the assigned value",
        ),
        (planned(ItemPlan("GLUS", Target())), "samples", "needs 12 results and 2 laboratories"),
        (planned(ItemPlan("GLUS", replace(GLUCOSE, sigma=D(0)))), "samples", "greater than 0"),
    ],
)
def test_a_plan_that_cannot_be_judged_is_refused(
    changes: dict[str, Any], field: str, words: str, stage: Stage
) -> None:
    with pytest.raises(Refused, match=words) as told:
        make_round(stage, **changes)
    assert list(told.value.fields) == [field]
    assert not ProficiencyRound.objects.exists()


def test_participants_are_laboratories_with_numbers_of_their_own(stage: Stage, region: Region) -> None:
    with pytest.raises(Refused, match="is no laboratory"):
        make_round(stage, participants={region.clinic.pk: "1"})
    with pytest.raises(Refused, match="a number of its own"):
        make_round(stage, participants={stage.hub.pk: "1", stage.spoke.pk: "1"})


def test_a_number_is_given_once(stage: Stage) -> None:
    make_round(stage)
    with pytest.raises(Refused, match="already a round"):
        make_round(stage)


def test_only_who_manages_quality_here_arranges(stage: Stage) -> None:
    with acting(stage.technologist), pytest.raises(Forbidden):
        open_round(make_plan(stage), organiser=stage.hub, by=stage.technologist, at=NOW)
    with acting(stage.manager), pytest.raises(Forbidden, match="another laboratory"):
        open_round(make_plan(stage), organiser=stage.spoke, by=stage.manager, at=NOW)


def test_a_sample_is_taken_in_once_with_its_condition(stage: Stage) -> None:
    sample = items_of(make_round(stage))[0].sample
    with acting(stage.at_spoke):
        for condition, note, tube, words in (
            ("lost", "", "", "in which condition"),
            ("warm", " ", "", "what was wrong"),
            ("missing", "no vial", "712", "no tube"),
            ("good", "", "7199", "no tube 7199"),
        ):
            with pytest.raises(Refused, match=words):
                receive_sample(
                    sample, stage.spoke, condition, note=note, tube=tube, by=stage.at_spoke, at=NOW
                )
        receipt = receive_sample(sample, stage.spoke, "warm", note="24 °C", by=stage.at_spoke, at=NOW)
        assert (receipt.condition, receipt.note, receipt.received_by) == ("warm", "24 °C", stage.at_spoke.key)
        with pytest.raises(Refused, match="taken in already"):
            receive_sample(sample, stage.spoke, "good", by=stage.at_spoke, at=NOW)
        with pytest.raises(Forbidden):
            receive_sample(sample, stage.hub, "good", by=stage.at_spoke, at=NOW)
    with acting(stage.manager):  # the organiser may enter what a laboratory tells by telephone
        assert [(one.code, one.received) for one in progress(sample.round_id)] == [("01", 0), ("02", 1)]


def test_a_missing_sample_never_becomes_a_tube(stage: Stage, region: Region) -> None:
    sample = items_of(make_round(stage))[0].sample
    tube = make_accepted(region, "GLUS")
    with acting(stage.technologist):
        receipt = receive_sample(
            sample, stage.hub, "missing", note="empty box", by=stage.technologist, at=NOW
        )
        with pytest.raises(Refused, match="not in the parcel"):
            name_tube(receipt, tube.number, by=stage.technologist, at=NOW)


def test_results_are_taken_from_the_measured_tube(stage: Stage, region: Region) -> None:
    """By the same way that patients' tubes go: the newest run counts, in the unit of the item."""
    found = make_round(stage, **planned(ItemPlan("GLUS", GLUCOSE, "mg/L"), ItemPlan("K", replace(GLUCOSE))))
    glucose, potassium = items_of(found)
    tube = make_accepted(region, "GLUS", "K")
    make_decided(region, tube, "K", "4.2")
    with acting(stage.technologist):
        receipt = receive_sample(glucose.sample, stage.hub, "good", by=stage.technologist, at=NOW)
        assert take_measured_results(found, stage.hub, by=stage.technologist, at=NOW) == []
        name_tube(receipt, tube.number, by=stage.technologist, at=NOW)
        with pytest.raises(Refused, match="stands for a tube"):
            name_tube(receipt, tube.number, by=stage.technologist, at=NOW)
        (kept,) = take_measured_results(found, stage.hub, by=stage.technologist, at=NOW)
    assert (kept.item_id, kept.value, kept.method) == (potassium.pk, D("4.2"), "roche_cobas_c311")
    assert kept.result_id is not None
    with acting(stage.technologist):
        lines = worksheet(found.pk, stage.hub.pk)
        assert [(one.item.pk, one.result and one.result.text, one.target) for one in lines] == [
            (glucose.pk, None, None),
            (potassium.pk, "4.2", None),
        ]


@pytest.mark.parametrize(
    ("returned", "value", "u"),
    [
        (Returned("5,4"), "5.4", None),
        (Returned(" 5.4 ", u=D("0.1")), "5.4", "0.1"),
        (Returned("5400", "umol/L", D(100)), "5.4", "0.1"),
        (Returned("< 0.5"), None, None),
    ],
)
def test_a_result_is_kept_in_the_unit_of_its_item(
    returned: Returned, value: str | None, u: str | None, stage: Stage
) -> None:
    (item,) = items_of(make_round(stage))
    with acting(stage.at_spoke):
        kept = record_eqa_result(item, stage.spoke, returned, by=stage.at_spoke, at=NOW)
    assert (kept.value, kept.u) == (value and D(value), u and D(u))


@pytest.mark.parametrize(
    ("returned", "field", "words"),
    [
        (Returned("high"), "value", "is no number"),
        (Returned(""), "value", "Enter a result"),
        (Returned("1" * 201), "value", "at most 200"),
        (Returned("1e15"), "value", "too large"),
        (Returned("5", "kg"), "unit", "does not convert"),
        (Returned("5", u=D(-1)), "u", "not negative"),
    ],
)
def test_a_result_that_cannot_be_read_is_refused(
    returned: Returned, field: str, words: str, stage: Stage
) -> None:
    (item,) = items_of(make_round(stage))
    with acting(stage.at_spoke), pytest.raises(Refused, match=words) as told:
        record_eqa_result(item, stage.spoke, returned, by=stage.at_spoke, at=NOW)
    assert list(told.value.fields) == [field]


def test_a_word_stands_on_its_scale(stage: Stage) -> None:
    target = Target(Basis.EXPERT, expected="1+", grades=("neg", "1+", "2+"), allowed_grades=1)
    with pytest.raises(Refused, match="not on the scale: neg, 1"):
        make_round(stage, **planned(ItemPlan("UBLD", replace(target, expected="9+"))))
    (item,) = items_of(make_round(stage, **planned(ItemPlan("UBLD", target))))
    assert make_returned(stage, item, "NEG").text == "NEG"
    with pytest.raises(Refused, match="“cloudy” is not on the scale"):
        make_returned(stage, item, "cloudy")


def test_a_newer_result_takes_the_place_until_it_is_submitted(stage: Stage) -> None:
    found = make_round(stage)
    (item,) = items_of(found)
    with acting(stage.at_spoke), pytest.raises(Refused, match="no result to submit"):
        submit_results(found, stage.spoke, by=stage.at_spoke, at=NOW)
    make_returned(stage, item, "5.1")
    assert make_returned(stage, item, "5.2").pk == ProficiencyResult.objects.get().pk
    with acting(stage.at_spoke):
        submit_results(found, stage.spoke, by=stage.at_spoke, at=NOW)
    with pytest.raises(Refused, match="stand as they are"):
        make_returned(stage, item, "5.3")
    assert ProficiencyResult.objects.get().value == D("5.2")


def test_nothing_is_returned_past_the_deadline_unless_it_is_moved(stage: Stage) -> None:
    found = make_round(stage)
    (item,) = items_of(found)
    with acting(stage.at_spoke):
        with pytest.raises(Refused, match="The deadline was"):
            record_eqa_result(item, stage.spoke, Returned("5"), by=stage.at_spoke, at=AFTERWARDS)
        with pytest.raises(Forbidden):
            extend_round(found, AFTERWARDS, by=stage.at_spoke, at=AFTERWARDS)
    with acting(stage.manager):
        with pytest.raises(Refused, match="in the future"):
            extend_round(found, DEADLINE, by=stage.manager, at=AFTERWARDS)
        later = AFTERWARDS + timedelta(days=1)
        assert extend_round(found, later, by=stage.manager, at=AFTERWARDS).submit_by == later
    with acting(stage.at_spoke):
        record_eqa_result(item, stage.spoke, Returned("5"), by=stage.at_spoke, at=AFTERWARDS)


def test_a_round_given_up_says_why(stage: Stage) -> None:
    found = make_round(stage)
    (item,) = items_of(found)
    with acting(stage.manager):
        with pytest.raises(Refused, match="Say why"):
            cancel_round(found, " ", by=stage.manager, at=NOW)
        assert cancel_round(found, "haemolysed", by=stage.manager, at=NOW).note == "haemolysed"
        with pytest.raises(Refused, match="over already"):
            cancel_round(found, "again", by=stage.manager, at=NOW)
        with pytest.raises(Refused, match="cannot be moved"):
            extend_round(found, AFTERWARDS, by=stage.manager, at=NOW)
        with pytest.raises(Refused, match="is over"):
            check_stability_of(item, [D(1), D(2)], [D(1), D(2)], by=stage.manager, at=NOW)
    with pytest.raises(Refused, match="is over"):
        make_returned(stage, item, "5")


def test_the_material_is_checked_and_the_check_kept(stage: Stage) -> None:
    (item,) = items_of(make_round(stage))
    even = [[D("5.00"), D("5.02")]] * 10
    with acting(stage.manager):
        check = check_homogeneity_of(item, even, by=stage.manager, at=NOW)
        assert (check.is_passed, check.s_between, check.values[0]) == (True, D(0), ["5.00", "5.02"])
        uneven = [*even[:8], [D("6.0"), D("6.1")], [D("4.0"), D("4.1")]]
        assert not check_homogeneity_of(item, uneven, by=stage.manager, at=NOW).is_passed
        assert check_stability_of(
            item, [D("5.0"), D("5.02")], [D("5.01"), D("5.0")], by=stage.manager, at=NOW
        ).is_passed
        with pytest.raises(Refused, match="at least twice"):
            check_homogeneity_of(item, [[D(5)]], by=stage.manager, at=NOW)
        with pytest.raises(Refused, match="twice after"):
            check_stability_of(item, [D(5)], [D(5)], by=stage.manager, at=NOW)
    with acting(stage.at_spoke), pytest.raises(Forbidden):
        check_homogeneity_of(item, even, by=stage.at_spoke, at=NOW)


def test_a_check_needs_a_measure(stage: Stage) -> None:
    by_percent = Target(Basis.REFERENCE, D(5), limit_percent=D(10))
    unlimited = Target(Basis.REFERENCE, D(5))
    found = make_round(stage, **planned(ItemPlan("GLUS", by_percent), ItemPlan("K", unlimited)))
    glucose, potassium = items_of(found)
    with acting(stage.manager):
        check = check_stability_of(glucose, [D(5), D(5)], [D(5), D(5)], by=stage.manager, at=NOW)
        assert check.verdict["limit"] == pytest.approx(0.05)
        with pytest.raises(Refused, match="needs sigma"):
            check_stability_of(potassium, [D(5), D(5)], [D(5), D(5)], by=stage.manager, at=NOW)


def test_who_measures_sees_neither_assigned_values_nor_what_others_returned(
    stage: Stage, region: Region
) -> None:
    found = make_round(stage)
    (item,) = items_of(found)
    make_returned(stage, item, "5.1")
    make_returned(stage, item, "5.2", site=stage.hub)
    for who, returned in ((stage.at_spoke, 1), (stage.technologist, 1), (stage.manager, 2)):
        with acting(who):
            assert ProficiencyResult.objects.count() == returned
            assert ProficiencyTarget.objects.count() == (who is stage.manager)
    nurse = next(one for one in region.people.values() if "nurse" in one.roles)
    with acting(nurse):
        assert ProficiencyRound.objects.count() == 0
        assert SampleReceipt.objects.count() == 0
