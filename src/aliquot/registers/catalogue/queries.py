"""What the catalogue holds."""

from collections.abc import Iterable, Mapping

from aliquot.registers.catalogue.models import Panel, ReferenceInterval, RejectionReason, Section, Test
from aliquot.registers.catalogue.rules.intervals import Interval


def tests_by_code(codes: Iterable[str] | None = None) -> dict[str, Test]:  # noqa: PT028 - not a test case
    """Tests with their container and specimen type, by code; all of them when no codes are given."""
    found = Test.objects.select_related("container", "specimen_type")
    if codes is not None:
        found = found.filter(code__in=list(codes))
    return {test.code: test for test in found}


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


def rejection_reasons() -> dict[str, RejectionReason]:
    """Every reason a specimen may be rejected for, by code."""
    return {reason.code: reason for reason in RejectionReason.objects.order_by("id")}


def sections_by_code() -> dict[str, Section]:
    """Every section with its names, by code."""
    return {section.code: section for section in Section.objects.order_by("id")}
