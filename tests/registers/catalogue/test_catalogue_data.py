"""The catalogue's own tables agree with each other; each fault is shown by its row."""

import csv
import re
from collections import Counter
from decimal import Decimal
from functools import cache
from importlib import resources

import pytest

from aliquot.registers.catalogue.rules import loinc

TABLES = [
    "containers",
    "specimen_types",
    "sections",
    "methods",
    "tests",
    "intervals",
    "limits",
    "panels",
    "rejection_reasons",
]
CYRILLIC = re.compile(r"[А-Яа-яЁё]")


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    text = (resources.files("aliquot.registers.catalogue") / "data" / f"{name}.csv").read_text(
        encoding="utf-8"
    )
    return tuple(csv.DictReader(text.splitlines()))


def codes(name: str, column: str = "code") -> set[str]:
    return {row[column] for row in table(name)}


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_whole_and_codes_are_unique(name: str) -> None:
    rows = table(name)
    assert [row for row in rows if None in row or None in row.values()] == []
    keys = Counter(row.get("code") or row.get("name_en") for row in rows if "code" in row)
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("name", [name for name in TABLES if name != "methods"])
def test_every_value_has_a_source(name: str) -> None:
    assert [row for row in table(name) if not row["source"]] == []


@pytest.mark.parametrize(
    "name", ["containers", "specimen_types", "sections", "tests", "panels", "rejection_reasons"]
)
def test_names_in_both_languages(name: str) -> None:
    assert [row["code"] for row in table(name) if not row["name_en"] or CYRILLIC.search(row["name_en"])] == []
    assert [row["code"] for row in table(name) if not row["name_ru"]] == []


def test_what_the_source_holds_is_here() -> None:
    editions = Counter(row["edition"] for row in table("tests"))
    assert editions == {"core": 246, "extended": 33}  # three of the 249 are panels and stand there
    assert {"CBCP", "UAP", "LIPP"} <= codes("panels")


def test_every_loinc_code_has_its_check_digit() -> None:
    rows = [*table("tests"), *table("panels")]
    assert [row["code"] for row in rows if row["loinc"] and not loinc.is_valid(row["loinc"])] == []
    assert [
        row["code"] for row in table("tests") if bool(row["loinc"]) != (row["loinc_verified"] in ("Y", "N"))
    ] == []


def test_tests_point_at_rows_that_exist() -> None:
    for column, name, key in [
        ("container", "containers", "code"),
        ("specimen_type", "specimen_types", "code"),
        ("section", "sections", "code"),
        ("method", "methods", "name_en"),
    ]:
        known = codes(name, key)
        assert [row["code"] for row in table("tests") if row[column] not in known] == [], column


def test_quantities_have_a_unit_and_decimals() -> None:
    wrong = [
        row["code"]
        for row in table("tests")
        if (row["scale"] == "Qn") != bool(row["unit"] and row["decimals"])
    ]
    assert wrong == []
    assert {row["scale"] for row in table("tests")} == {"Qn", "Ord", "Nom"}


def test_every_measured_test_fits_its_container() -> None:
    usable = {row["code"]: row for row in table("containers")}
    for row in table("tests"):
        container = usable[row["container"]]
        room = int(container["usable_spun_ul" if row["centrifuge"] == "Y" else "usable_whole_ul"])
        assert int(row["volume_ul"]) <= room, row["code"]
        assert (int(row["volume_ul"]) == 0) == (row["section"] == "CALC") == (row["container"] == "NONE"), (
            row["code"]
        )


def test_codes_of_services_are_written_in_latin_letters() -> None:
    shape = re.compile(r"[AB]\d{2}\.\d{2,3}\.\d{3}(\.\d{3})*")
    rows = [*table("tests"), *table("panels")]
    assert [row["code"] for row in rows if row["nmu_804n"] and not shape.fullmatch(row["nmu_804n"])] == []


def test_intervals_are_ordered_and_do_not_overlap() -> None:
    known = codes("tests")
    seen: set[tuple[str, str, str]] = set()
    for row in table("intervals"):
        assert row["test"] in known
        assert row["sex"] in ("", "M", "F")
        assert int(row["age_from_days"]) < int(row["age_to_days"])
        if row["low"] and row["high"]:
            assert Decimal(row["low"]) <= Decimal(row["high"]), row
        assert row["low"] or row["high"] or row["text_en"], row
        assert bool(row["text_en"]) == bool(row["text_ru"])
        key = (row["test"], row["sex"], row["age_from_days"])
        assert key not in seen, row
        seen.add(key)
    both = {test for test, sex, _ in seen if not sex}
    assert [test for test, sex, _ in seen if sex and test in both] == []


def test_children_have_no_numeric_interval_without_a_source() -> None:
    numeric = [row for row in table("intervals") if row["low"] or row["high"]]
    assert {row["age_from_days"] for row in numeric} == {"6574"}


def test_limits_are_one_row_a_test_and_in_order() -> None:
    assert [row["test"] for row in table("limits")] == [row["code"] for row in table("tests")]
    for row in table("limits"):
        if row["critical_low"] and row["critical_high"]:
            assert Decimal(row["critical_low"]) < Decimal(row["critical_high"]), row
        assert bool(row["delta_percent"]) <= bool(row["delta_days"]), row
        for column in (name for name in row if name.endswith("_minutes")):
            assert re.fullmatch(r"\d*", row[column]), (row["test"], column)
        assert set(row["spoilt_by"].split()) <= codes("rejection_reasons"), row


def test_a_critical_limit_lies_outside_the_interval() -> None:
    limits = {row["test"]: row for row in table("limits")}
    for row in table("intervals"):
        bounds = limits[row["test"]]
        if row["low"] and bounds["critical_low"]:
            assert Decimal(bounds["critical_low"]) < Decimal(row["low"]), row
        if row["high"] and bounds["critical_high"]:
            assert Decimal(bounds["critical_high"]) > Decimal(row["high"]), row


def test_panel_members_exist_and_panels_do_not_contain_themselves() -> None:
    members = {row["code"]: row["members"].split() for row in table("panels")}
    assert codes("tests") & set(members) == set()
    for code, own in members.items():
        assert own, code
        assert [one for one in own if one not in members and one not in codes("tests")] == [], code
        assert code not in _reachable(code, members), code


def _reachable(code: str, members: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    open_ends = [*members[code]]
    while open_ends:
        one = open_ends.pop()
        if one not in found:
            found.add(one)
            open_ends.extend(members.get(one, []))
    return found


def test_containers_have_a_colour_and_the_order_of_draw_of_gp41() -> None:
    assert [
        row["code"] for row in table("containers") if not re.fullmatch(r"#[0-9A-F]{6}", row["cap_colour"])
    ] == []
    drawn = sorted(
        (int(row["draw_order"]), row["code"]) for row in table("containers") if int(row["draw_order"]) < 90
    )
    assert [code for _, code in drawn] == ["BCB", "CIT", "SST", "HEPS", "EDTA", "EDTT", "FLU"]


def test_every_rejection_counts_for_an_indicator_that_exists() -> None:
    without = {row["code"] for row in table("rejection_reasons") if not row["ifcc_indicator"]}
    assert without == {"LIPA", "ICT"}
    assert all(
        row["ifcc_indicator"].startswith("Pre-")
        for row in table("rejection_reasons")
        if row["code"] not in without
    )
    assert {row["scope"] for row in table("rejection_reasons")} == {"specimen", "test"}


def test_every_ordinal_test_has_a_scale_of_its_own() -> None:
    ordinal = {row["code"] for row in table("tests") if row["scale"] == "Ord"}
    assert codes("ordinals", "test") == ordinal
    assert codes("ordinals", "scale") == codes("grades", "scale")


def test_no_name_stands_for_two_grades_of_a_scale_and_places_have_no_gap() -> None:
    for scale in codes("grades", "scale"):
        rows = [row for row in table("grades") if row["scale"] == scale]
        names = Counter(name.casefold() for row in rows for name in row["names"].split("|"))
        assert [name for name, count in names.items() if count > 1] == []
        assert sorted(int(row["place"]) for row in rows) == list(range(1, len(rows) + 1))
        assert all(row["source"] for row in rows)


def test_the_finding_of_health_is_a_grade_of_the_test() -> None:
    scales: dict[str, set[str]] = {}
    for row in table("grades"):
        scales.setdefault(row["scale"], set()).update(row["names"].split("|"))
    of = {row["test"]: scales[row["scale"]] for row in table("ordinals")}
    strange = [
        (row["test"], text)
        for row in table("intervals")
        if row["test"] in of
        for text in (row["text_en"], row["text_ru"])
        if text and text.split(";")[0] not in of[row["test"]]
    ]
    free = {"HSVG", "EBNA", "HPG", "COVG", "ANA", "UMUC"}  # by the kit, with a titre, or two grades
    assert {test for test, _text in strange} == free
