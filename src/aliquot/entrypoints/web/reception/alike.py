"""Tubes to decide, and those among them that are alike: the same test unfit for the same reason."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby

from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.flow.specimens.queries import tests_to_decide
from aliquot.registers.network.models import Site

SHOWN = 300
ALL = "all"


@dataclass(frozen=True, slots=True)
class Tube:
    """One tube with its tests to decide; only what was rejected can be drawn again at once."""

    specimen: Specimen
    tests: list[SpecimenTest]
    is_lost: bool
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Alike:
    """A test that several tubes no longer serve, for one reason; `key` is `test:reason`."""

    key: str
    test: str
    reason: str
    count: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class ToDecide:
    """What waits at a laboratory, narrowed to what is alike when `key` names it."""

    key: str
    tubes: list[Tube]
    alike: list[Alike]

    @property
    def lost(self) -> int:
        return sum(one.is_lost for one in self.tubes)


def to_decide(site: Site, key: str, *, marked: Collection[str] | None = None) -> ToDecide:
    """The tubes to decide at `site`; `key` (`all`, `test:reason`) marks every tube that it names."""
    tests = list(tests_to_decide(site)[:SHOWN])
    kept = groupby(tests, key=lambda one: one.specimen)
    tubes = [_tube(specimen, list(found), key, marked) for specimen, found in kept]
    narrowed = [one for one in tubes if key in {"", ALL} or any(_key(test) == key for test in one.tests)]
    return ToDecide(key, narrowed, _alike(tests, key))


def _tube(specimen: Specimen, tests: list[SpecimenTest], key: str, marked: Collection[str] | None) -> Tube:
    is_lost = any(one.state == SpecimenTest.State.REJECTED for one in tests)
    is_marked = bool(key) if marked is None else specimen.number in marked
    return Tube(specimen, tests, is_lost, is_lost and is_marked)


def _alike(tests: Iterable[SpecimenTest], key: str) -> list[Alike]:
    lost = [one for one in tests if one.rejection_reason and one.state == SpecimenTest.State.REJECTED]
    named = {_key(one): one for one in lost}
    return [
        Alike(found, named[found].test.short, named[found].rejection_reason.name, count, found == key)  # type: ignore[union-attr] # chosen above
        for found, count in Counter(_key(one) for one in lost).most_common(8)
        if count > 1
    ]


def _key(one: SpecimenTest) -> str:
    return f"{one.test.code}:{one.rejection_reason.code if one.rejection_reason else ''}"
