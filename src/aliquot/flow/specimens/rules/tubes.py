"""Which tubes an order needs, and in which order they are drawn."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TestNeed:
    """What one test takes: its container, specimen type, volume in µL, spun or not, and how it is handled.

    A volume of 0 is a calculated test: it takes no tube. `handling` keeps tests apart that must not share a
    tube with others ("molecular", "on_ice"); empty is usual handling.
    """

    __test__ = False  # not a test case, whatever its name says to pytest

    code: str
    container: str
    specimen_type: str
    volume_ul: int
    is_centrifuged: bool = False
    handling: str = ""


@dataclass(frozen=True, slots=True)
class ContainerFacts:
    """A container: its place in the order of draw, and the µL to be had from it whole and after spinning."""

    code: str
    draw_order: int
    usable_whole_ul: int
    usable_spun_ul: int


@dataclass(frozen=True, slots=True)
class PlannedTube:
    """One tube: what it is, the tests it serves in code order, and how full it is, in µL."""

    container: str
    specimen_type: str
    is_centrifuged: bool
    handling: str
    draw_order: int
    tests: tuple[str, ...]
    volume_ul: int
    capacity_ul: int


def tubes_for(tests: Iterable[TestNeed], containers: Mapping[str, ContainerFacts]) -> tuple[PlannedTube, ...]:
    """The tubes for `tests`, in the order they are drawn, each test in exactly one of them.

    Tests share a tube when container, specimen type, spinning and handling agree; when their volumes exceed
    what the container yields, a further tube is planned (first fit decreasing, at most 11/9 of the
    fewest and one). A test named twice is drawn once. The answer does not depend on the order of `tests`.
    Order of draw: blood culture, citrate, serum, heparin, EDTA, fluoride (CLSI GP41-A7, 2017).
    Raises ValueError naming the test when its container is unknown or can never hold what it takes.
    """
    groups: dict[tuple[str, str, bool, str], set[TestNeed]] = defaultdict(set)
    for need in tests:
        if need.volume_ul > 0:
            groups[need.container, need.specimen_type, need.is_centrifuged, need.handling].add(need)
    planned = [
        tube
        for members in groups.values()
        for tube in _fill(members, _capacity(members, containers), containers)
    ]
    return tuple(sorted(planned, key=_drawn))


def _drawn(tube: PlannedTube) -> tuple[int, str, str, bool, str, tuple[str, ...]]:
    return (
        tube.draw_order,
        tube.container,
        tube.specimen_type,
        tube.is_centrifuged,
        tube.handling,
        tube.tests,
    )


def _capacity(members: set[TestNeed], containers: Mapping[str, ContainerFacts]) -> int:
    largest = max(members, key=lambda need: (need.volume_ul, need.code))
    container = containers.get(largest.container)
    if container is None:
        raise ValueError(f"{largest.code}: the container {largest.container!r} is not in the catalogue.")
    capacity = container.usable_spun_ul if largest.is_centrifuged else container.usable_whole_ul
    if largest.volume_ul > capacity:
        raise ValueError(
            f"{largest.code} takes {largest.volume_ul} µL and {container.code} yields {capacity} µL: "
            "correct the catalogue."
        )
    return capacity


def _fill(
    members: set[TestNeed], capacity: int, containers: Mapping[str, ContainerFacts]
) -> Iterator[PlannedTube]:
    for load in _first_fit_decreasing(members, capacity):
        one = load[0]
        yield PlannedTube(
            container=one.container,
            specimen_type=one.specimen_type,
            is_centrifuged=one.is_centrifuged,
            handling=one.handling,
            draw_order=containers[one.container].draw_order,
            tests=tuple(sorted(need.code for need in load)),
            volume_ul=sum(need.volume_ul for need in load),
            capacity_ul=capacity,
        )


def _first_fit_decreasing(members: set[TestNeed], capacity: int) -> list[list[TestNeed]]:
    loads: list[list[TestNeed]] = []
    for need in sorted(members, key=lambda one: (-one.volume_ul, one.code)):
        for load in loads:
            if sum(placed.volume_ul for placed in load) + need.volume_ul <= capacity:
                load.append(need)
                break
        else:
            loads.append([need])
    return loads
