"""The demonstration region: its network, its people, its numbers."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth.hashers import check_password

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.registers.network.actions import next_numbers
from aliquot.registers.network.models import NumberRange, Site
from aliquot.registers.people.actions import DEMO_PASSWORD, load_region
from aliquot.registers.people.models import Assignment, Person, Role
from tests.regions import LOADER, Region

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def test_there_is_somebody_for_every_role(region: Region) -> None:
    held = {role for actor in region.people.values() for role in actor.roles}
    assert held == set(Role.values)


def test_every_site_has_its_ranges_and_prefixes_are_of_the_region(region: Region) -> None:
    for site in region.sites.values():
        kinds = set(NumberRange.objects.filter(site=site).values_list("kind", flat=True))
        assert kinds == set(NumberRange.Kind.values), site.code


def test_collection_points_name_their_laboratory(region: Region) -> None:
    points = [site for site in region.sites.values() if site.kind == Site.Kind.COLLECTION_POINT]
    assert len(points) >= 2
    assert all(site.laboratory is not None for site in points)


def test_people_of_the_demonstration_sign_in_with_its_password(region: Region) -> None:
    with acting(LOADER):
        stored = list(Person.objects.values_list("password", flat=True))
    assert all(one.startswith("argon2$") for one in stored)
    assert check_password(DEMO_PASSWORD, stored[0])


def test_loading_again_adds_nobody_and_takes_back_no_number(region: Region) -> None:
    with acting(LOADER):
        next_numbers(region.clinic, "order", 5)
        before = (Person.objects.count(), Assignment.objects.count(), _last(region))
        load_region(by=LOADER, at=NOW)
        assert (Person.objects.count(), Assignment.objects.count(), _last(region)) == before


def test_people_of_another_file_have_no_password(region: Region, tmp_path: Path) -> None:
    file = tmp_path / "region.toml"
    file.write_text(
        '[[people]]\nusername = "somebody"\nname_en = "Some Body"\nname_ru = "Кто То"\n', encoding="utf-8"
    )
    with acting(LOADER):
        load_region(by=LOADER, at=NOW, path=file)
        assert not Person.objects.get(username="somebody").has_usable_password()


def test_numbers_follow_each_other_without_a_gap(region: Region) -> None:
    first = next_numbers(region.clinic, "specimen", 3)
    second = next_numbers(region.clinic, "specimen", 2)
    assert first + second == list(range(first[0], first[0] + 5))
    assert next_numbers(region.clinic, "specimen", 0) == []


def test_a_range_that_is_used_up_is_named(region: Region) -> None:
    free = NumberRange.objects.get(site=region.clinic, kind="box")
    with pytest.raises(Refused, match=r"box numbers of .* used up. Ask the administrator"):
        next_numbers(region.clinic, "box", free.limit - free.last + 1)
    assert _last(region, "box") == free.last


def _last(region: Region, kind: str = "order") -> int:
    return NumberRange.objects.get(site=region.clinic, kind=kind).last
