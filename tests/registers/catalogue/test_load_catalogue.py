"""The catalogue is loaded from its tables, and again without a change."""

import csv
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden
from aliquot.registers.catalogue.actions import DATA, DecisionLimits, change_limits, load_catalogue
from aliquot.registers.catalogue.models import Panel, ReferenceInterval, Section, Test
from aliquot.registers.catalogue.queries import (
    all_panels,
    intervals_of,
    own_limits,
    sections_by_code,
    tests_by_code,
)
from aliquot.registers.catalogue.rules.intervals import interval_for
from tests.regions import LOADER, Region, one_with

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def lines(name: str) -> int:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def test_every_line_becomes_a_row(region: Region) -> None:
    counted = {
        "tests": Test.objects.count(),
        "panels": Panel.objects.count(),
        "intervals": ReferenceInterval.objects.count(),
        "sections": Section.objects.count(),
    }
    assert counted == {name: lines(name) for name in counted}


def test_a_test_carries_its_limits_its_tube_and_its_method(region: Region) -> None:
    glucose = tests_by_code(["GLUS"])["GLUS"]
    assert (glucose.container.code, glucose.specimen_type.code, glucose.unit) == ("SST", "SER", "mmol/L")
    assert (glucose.critical_low, glucose.critical_high) == (Decimal("2.5"), Decimal(25))
    assert (glucose.unspun_room_minutes, glucose.stable_cold_minutes) == (60, 4320)
    assert glucose.section in sections_by_code()


def test_a_limit_that_a_person_set_survives_loading_and_is_listed(region: Region) -> None:
    director = one_with(region, "hub_director")
    with acting(director):
        glucose = Test.objects.get(code="GLUS")
        given = {name: getattr(glucose, name) for name in DecisionLimits.__slots__}
        limits = DecisionLimits(**given | {"critical_high": Decimal(22), "autorelease": False})
        change_limits(glucose, limits, reason="the region's protocol", by=director, at=NOW)
    Test.objects.filter(code="GLUS").update(unit_ru="?", technical_low=7)  # not by a person: comes back
    with acting(LOADER):
        load_catalogue(by=LOADER, at=NOW)
    glucose.refresh_from_db()
    found = (glucose.critical_high, glucose.autorelease, glucose.critical_low)
    assert found == (Decimal(22), False, Decimal("2.5"))
    assert (glucose.unit_ru, glucose.technical_low) == ("ммоль/л", given["technical_low"])
    assert own_limits() == {
        "GLUS": {"autorelease": False, "critical_high": Decimal(22), "critical_low": Decimal("2.5")}
    }


def test_loading_again_changes_nothing_and_keeps_ids(region: Region) -> None:
    before = list(Test.objects.order_by("id").values_list("id", "code"))
    intervals = list(ReferenceInterval.objects.order_by("id").values_list("id"))
    with acting(LOADER):
        assert load_catalogue(by=LOADER, at=NOW) == len(before)
    assert list(Test.objects.order_by("id").values_list("id", "code")) == before
    assert list(ReferenceInterval.objects.order_by("id").values_list("id")) == intervals


def test_loading_again_undoes_a_change_by_hand(region: Region) -> None:
    with acting(LOADER):
        Test.objects.filter(code="K").update(critical_high=Decimal(99))
        ReferenceInterval.objects.filter(test__code="K").update(high=Decimal(99))
        load_catalogue(by=LOADER, at=NOW)
    assert tests_by_code(["K"])["K"].critical_high != Decimal(99)
    assert not ReferenceInterval.objects.filter(test__code="K", high=Decimal(99)).exists()


def test_a_nurse_may_not_load_it(region: Region) -> None:
    nurse = next(actor for actor in region.people.values() if "nurse" in actor.roles)
    with pytest.raises(Forbidden, match="may not manage registers"), acting(nurse):
        load_catalogue(by=nurse, at=NOW)


def test_members_of_every_panel_are_tests_or_panels(region: Region) -> None:
    panels, tests = all_panels(), tests_by_code()
    unknown = {code for members in panels.values() for code in members} - set(panels) - set(tests)
    assert unknown == set()


def test_intervals_come_as_the_rule_takes_them(region: Region) -> None:
    test = tests_by_code(["GLUS"])["GLUS"]
    found = interval_for(intervals_of([test.pk])[test.pk], "F", 40 * 365)
    assert found is not None
    assert (found.low, found.high) == (Decimal("4.1"), Decimal("6.1"))


def test_the_catalogue_is_read_in_a_handful_of_statements(
    region: Region, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        tests_by_code()
        all_panels()
