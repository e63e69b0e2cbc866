"""What the catalogue holds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from aliquot.registers.catalogue.models import (
    AllowableError,
    DerivedTest,
    Panel,
    ReferenceInterval,
    RejectionReason,
    Section,
    Test,
)
from aliquot.registers.catalogue.rules.allowable import Allowable
from aliquot.registers.catalogue.rules.derivation import Derivation
from aliquot.registers.catalogue.rules.intervals import Interval
from aliquot.registers.catalogue.rules.search import in_other_layout, rank_match

# ranks of one nearness are equally well meant: an equal code, a beginning, a word within; panels first
_NEARNESS = (0, 1, 1, 2, 2)


@dataclass(frozen=True, slots=True)
class Orderable:
    """A test or a panel as it is chosen: its code, name and short name in the reader's language."""

    code: str
    name: str
    short: str
    is_panel: bool
    members: tuple[str, ...] = ()


def tests_by_code(codes: Iterable[str] | None = None) -> dict[str, Test]:  # noqa: PT028 - not a test case
    """Tests with their container and specimen type, by code; all of them when no codes are given."""
    found = Test.objects.select_related("container", "specimen_type")
    if codes is not None:
        found = found.filter(code__in=list(codes))
    return {test.code: test for test in found}


def own_limits() -> dict[str, dict[str, object]]:
    """The limits that people set here, by test and name: what loading the catalogue leaves alone."""
    changed = Test.objects.exclude(own_limits=[]).order_by("code")
    return {test.code: {name: getattr(test, name) for name in test.own_limits} for test in changed}


def known_codes() -> frozenset[str]:
    """Every code of a test."""
    return frozenset(Test.objects.values_list("code", flat=True))


def all_panels() -> dict[str, tuple[str, ...]]:
    """Members of every panel, by its code: codes of tests and of other panels, in the order of the report."""
    return {code: tuple(members) for code, members in Panel.objects.values_list("code", "members")}


def panels_by_code() -> dict[str, Panel]:
    """Every panel with its names."""
    return {panel.code: panel for panel in Panel.objects.order_by("id")}


def intervals_of(test_ids: Iterable[int]) -> Mapping[int, tuple[Interval, ...]]:
    """The intervals of each of these tests as the rule takes them, by the id; empty when it has none."""
    found: dict[int, tuple[Interval, ...]] = dict.fromkeys(test_ids, ())
    for row in ReferenceInterval.objects.filter(test_id__in=list(found)).order_by("id"):
        found[row.test_id] += (
            Interval(row.low, row.high, row.sex, row.age_from_days, row.age_to_days, row.text),
        )
    return found


def allowable_errors(test_ids: Iterable[int], *, on: date) -> dict[int, AllowableError]:
    """What is allowed of each of these tests on a day, by the test's id; none where nothing is stated.

    What the laboratory states holds before what is shipped; of either the newest that has begun.
    """
    begun = AllowableError.objects.filter(test_id__in=list(test_ids), since__lte=on)
    found = begun.order_by("test_id", "is_shipped", "-since").distinct("test_id")
    return {one.test_id: one for one in found}


def allowed_of(one: AllowableError | None) -> Allowable:
    """A row as the rule takes it; nothing stated without one."""
    if one is None:
        return Allowable()
    return Allowable(one.total_percent, one.total, one.bias_percent, one.cv_percent)


def derivations() -> dict[str, Derivation]:
    """Every computed test by its code, as the rule `derive` takes it."""
    rows = DerivedTest.objects.select_related("test").order_by("test__code")
    return {
        row.test.code: Derivation(
            row.test.code, row.test.unit, row.test.decimals or 0, row.calculator, row.inputs
        )
        for row in rows
    }


def inputs_of_computed() -> dict[str, tuple[str, ...]]:
    """The codes of the tests from which each computed test is worked out."""
    rows = DerivedTest.objects.order_by("test__code").values_list("test__code", "inputs")
    return {code: tuple(dict.fromkeys(inputs.values())) for code, inputs in rows}


def rejection_reasons() -> dict[str, RejectionReason]:
    """Every reason a specimen may be rejected for, by code."""
    return {reason.code: reason for reason in RejectionReason.objects.order_by("id")}


def sections_by_code() -> dict[str, Section]:
    """Every section with its names, by code."""
    return {section.code: section for section in Section.objects.order_by("id")}


def search_catalogue(text: str, *, limit: int = 12) -> list[Orderable]:
    """Tests and panels that fit what was typed: an equal code, what begins so, then the rest; panels first.

    Compared with codes, LOINC and the names in both languages; what was typed on the wrong keyboard layout
    is read on the other one when nothing fits.
    """
    entries = list(_entries())
    return (_ranked(text, entries) or _ranked(in_other_layout(text), entries))[:limit]


def orderables(codes: Iterable[str]) -> list[Orderable]:
    """The tests and panels with these codes, in this order; a code that nobody knows is left out."""
    wanted = list(codes)
    panels = {one.code: one for one in Panel.objects.filter(code__in=wanted)}
    tests = {one.code: one for one in Test.objects.filter(code__in=wanted)}
    return [_orderable(found) for code in wanted if (found := panels.get(code) or tests.get(code))]


def _ranked(text: str, entries: Iterable[Panel | Test]) -> list[Orderable]:
    found = [
        (rank, isinstance(entry, Test), entry)
        for entry in entries
        if (rank := rank_match(text, (entry.code, entry.loinc), _names(entry))) is not None
    ]
    ordered = sorted(
        found, key=lambda one: (_NEARNESS[one[0]], one[1], one[0], len(one[2].name), one[2].code)
    )
    return [_orderable(entry) for _, _, entry in ordered]


def _entries() -> Iterator[Panel | Test]:
    yield from Panel.objects.order_by("id")
    yield from Test.objects.exclude(scale=Test.Scale.PANEL).order_by("id")


def _names(entry: Panel | Test) -> tuple[str, ...]:
    return (entry.short_en, entry.short_ru, entry.name_en, entry.name_ru)


def _orderable(entry: Panel | Test) -> Orderable:
    members = tuple(entry.members) if isinstance(entry, Panel) else ()
    return Orderable(entry.code, entry.name, entry.short, isinstance(entry, Panel), members)
