import csv
from importlib import resources
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.specimens.rules.tubes import ContainerFacts, PlannedTube, TestNeed, tubes_for

CONTAINERS = {
    "CIT": ContainerFacts("CIT", 2, 2500, 1000),
    "SST": ContainerFacts("SST", 3, 0, 1800),
    "EDTA": ContainerFacts("EDTA", 5, 2600, 1000),
}
KINDS = [
    ("SST", "SER", True, ""),
    ("EDTA", "WB", False, ""),
    ("EDTA", "PL", True, ""),
    ("EDTA", "PL", True, "molecular"),
]


@st.composite
def needs(draw: st.DrawFn) -> list[TestNeed]:
    codes = draw(st.lists(st.integers(0, 99), unique=True, max_size=30))
    made = []
    for code in codes:
        container, kind, spun, handling = draw(st.sampled_from(KINDS))
        made.append(TestNeed(f"T{code:02d}", container, kind, draw(st.integers(0, 1000)), spun, handling))
    return made


@given(needs())
def test_every_test_that_takes_volume_is_in_exactly_one_tube(tests: list[TestNeed]) -> None:
    placed = sorted(code for tube in tubes_for(tests, CONTAINERS) for code in tube.tests)
    assert placed == sorted(need.code for need in tests if need.volume_ul)


@given(needs())
def test_no_tube_is_asked_for_more_than_it_yields(tests: list[TestNeed]) -> None:
    volumes = {need.code: need.volume_ul for need in tests}
    for tube in tubes_for(tests, CONTAINERS):
        container = CONTAINERS[tube.container]
        assert tube.volume_ul == sum(volumes[code] for code in tube.tests)
        assert tube.volume_ul <= tube.capacity_ul
        assert tube.capacity_ul == (
            container.usable_spun_ul if tube.is_centrifuged else container.usable_whole_ul
        )


@given(needs(), st.data())
def test_the_order_of_the_tests_does_not_matter(tests: list[TestNeed], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(tests))
    assert tubes_for(shuffled, CONTAINERS) == tubes_for(tests, CONTAINERS)


@given(needs())
def test_tests_in_one_tube_are_handled_alike(tests: list[TestNeed]) -> None:
    by_code = {need.code: need for need in tests}
    for tube in tubes_for(tests, CONTAINERS):
        alike = (tube.container, tube.specimen_type, tube.is_centrifuged, tube.handling)
        members = [by_code[code] for code in tube.tests]
        assert {(one.container, one.specimen_type, one.is_centrifuged, one.handling) for one in members} == {
            alike
        }


@given(needs())
def test_no_more_tubes_than_first_fit_promises(tests: list[TestNeed]) -> None:
    groups: dict[tuple[str, str, bool, str], list[PlannedTube]] = {}
    for tube in tubes_for(tests, CONTAINERS):
        groups.setdefault(
            (tube.container, tube.specimen_type, tube.is_centrifuged, tube.handling), []
        ).append(tube)
    for tubes in groups.values():
        fewest = ceil(sum(tube.volume_ul for tube in tubes) / tubes[0].capacity_ul)
        assert len(tubes) <= max(1, 2 * fewest)
        assert sum(tube.volume_ul <= tube.capacity_ul // 2 for tube in tubes) <= 1


@given(needs(), st.data())
def test_a_test_named_twice_is_drawn_once(tests: list[TestNeed], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(tests))) if tests else []
    assert tubes_for([*tests, *again], CONTAINERS) == tubes_for(tests, CONTAINERS)


def catalogue() -> tuple[dict[str, TestNeed], dict[str, ContainerFacts]]:
    data = resources.files("aliquot.registers.catalogue") / "data"
    read = {
        name: list(csv.DictReader((data / f"{name}.csv").read_text(encoding="utf-8").splitlines()))
        for name in ("tests", "containers")
    }
    tests = {
        row["code"]: TestNeed(
            row["code"],
            row["container"],
            row["specimen_type"],
            int(row["volume_ul"]),
            row["centrifuge"] == "Y",
            row["handling"],
        )
        for row in read["tests"]
    }
    containers = {
        row["code"]: ContainerFacts(
            row["code"], int(row["draw_order"]), int(row["usable_whole_ul"]), int(row["usable_spun_ul"])
        )
        for row in read["containers"]
    }
    return tests, containers


def test_a_usual_morning_in_the_order_of_gp41() -> None:
    tests, containers = catalogue()
    asked = [
        "GLU",
        "HGB",
        "WBC",
        "ESRW",
        "CREA",
        "EGFR",
        "TSH",
        "INR",
        "APTT",
        "BCULT",
        "USG",
        "ABO",
        "HCVQN",
        "PTH",
    ]
    planned = tubes_for([tests[code] for code in asked], containers)
    assert [(tube.container, tube.tests) for tube in planned] == [
        ("BCB", ("BCULT",)),
        ("CIT", ("APTT", "INR")),
        ("SST", ("CREA", "TSH")),
        ("EDTA", ("PTH",)),
        ("EDTA", ("HCVQN",)),
        ("EDTA", ("ESRW", "HGB", "WBC")),
        ("EDTT", ("ABO",)),
        ("FLU", ("GLU",)),
        ("URI", ("USG",)),
    ]


def test_everything_at_once_takes_further_tubes() -> None:
    tests, containers = catalogue()
    serum = [tube for tube in tubes_for(tests.values(), containers) if tube.container == "SST"]
    assert len([tube for tube in serum if not tube.handling]) == 4
    assert all(tube.volume_ul <= 1800 for tube in serum)


def test_a_test_no_tube_can_hold_is_named() -> None:
    with pytest.raises(ValueError, match="BIG takes 1801 µL and SST yields 1800 µL"):
        tubes_for([TestNeed("BIG", "SST", "SER", 1801, is_centrifuged=True)], CONTAINERS)
    with pytest.raises(ValueError, match="LOST: the container 'BOX' is not in the catalogue"):
        tubes_for([TestNeed("LOST", "BOX", "SER", 10)], CONTAINERS)
