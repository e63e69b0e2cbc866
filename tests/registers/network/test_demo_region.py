"""The demonstration region agrees with itself and with the catalogue of roles."""

import re
import tomllib
from importlib import resources
from itertools import combinations
from typing import Any

import pytest

from aliquot.flow.specimens.rules.numbering import check_number, specimen_number
from aliquot.registers.network.models import Site
from aliquot.registers.people.rules.permissions import PERMISSIONS

LATIN = re.compile(r"[A-Za-z]")
CYRILLIC = re.compile(r"[А-Яа-яЁё]")


@pytest.fixture(scope="module")
def plan() -> dict[str, Any]:
    text = (resources.files("aliquot.registers.network") / "data" / "demo_region.toml").read_text(
        encoding="utf-8"
    )
    return tomllib.loads(text)


def test_one_hub_one_rapid_laboratory_and_twelve_collection_points(plan: dict[str, Any]) -> None:
    kinds = [site["kind"] for site in plan["sites"]]
    assert {kind: kinds.count(kind) for kind in Site.Kind.values} == {
        "hub": 1,
        "rapid_laboratory": 1,
        "collection_point": 12,
    }


def test_rows_name_rows_that_exist(plan: dict[str, Any]) -> None:
    sites = {site["code"] for site in plan["sites"]}
    departments = {(one["site"], one["code"]) for one in plan["departments"]}
    named = {site["organisation"] for site in plan["sites"]} | {plan["data_owner"]["organisation"]}
    assert named == {one["code"] for one in plan["organisations"]}
    assert {site["laboratory"] for site in plan["sites"] if "laboratory" in site} == {"TUL-HUB"}
    assert {site for site, _ in departments} <= sites
    assert {(one["site"], one["department"]) for one in plan["benches"]} == departments
    held = [assignment for person in plan["people"] for assignment in person["assignments"]]
    assert {one["site"] for one in held} <= sites
    assert {one["role"] for one in held} == set(PERMISSIONS)


@pytest.mark.parametrize("table", ["organisations", "sites", "departments", "benches", "people"])
def test_names_in_both_languages(plan: dict[str, Any], table: str) -> None:
    assert [
        one for one in plan[table] if CYRILLIC.search(one["name_en"]) or not LATIN.search(one["name_en"])
    ] == []
    assert [one for one in plan[table] if not CYRILLIC.search(one["name_ru"])] == []


def test_places_lie_in_tula_oblast_under_todays_names(plan: dict[str, Any]) -> None:
    for site in plan["sites"]:
        assert 52.9 < site["latitude"] < 54.9, site
        assert 35.9 < site["longitude"] < 39.0, site
        assert (site["travel_minutes"] == 0) == (site["kind"] == "hub")
    names = " ".join(site["address_ru"] for site in plan["sites"])
    assert all(name in names for name in ("Новомосковск", "Кимовск", "Богородицк", "Щёкино"))
    assert not any(name in names for name in ("Бобрики", "Михайловка", "Багародзіцк"))


def test_every_site_has_its_own_ranges_and_no_prefix_begins_another(plan: dict[str, Any]) -> None:
    ranges = plan["number_ranges"]
    sites = [site["code"] for site in plan["sites"]]
    assert sorted((one["site"], one["kind"]) for one in ranges) == sorted(
        (site, kind) for site in sites for kind in ("order", "specimen", "box")
    )
    for kind in ("order", "specimen", "box"):
        prefixes = [one["prefix"] for one in ranges if one["kind"] == kind]
        assert all(re.fullmatch("71[0-9]{2}", prefix) for prefix in prefixes)
        assert [pair for pair in combinations(sorted(prefixes), 2) if pair[1].startswith(pair[0])] == []


def test_the_last_number_of_every_specimen_range_can_be_printed(plan: dict[str, Any]) -> None:
    for one in plan["number_ranges"]:
        if one["kind"] == "specimen":
            assert check_number(specimen_number(one["prefix"], one["limit"])).is_valid, one


def test_nobody_is_named_twice(plan: dict[str, Any]) -> None:
    names = [person["username"] for person in plan["people"]]
    assert len(names) == len(set(names))
