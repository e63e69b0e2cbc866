"""What a person types finds the test that was meant."""

import pytest
from django.utils import translation

from aliquot.registers.catalogue.queries import orderables, search_catalogue
from aliquot.registers.catalogue.rules.search import in_other_layout, rank_match
from tests.regions import Region


@pytest.mark.parametrize(
    ("typed", "rank"),
    [
        ("GLUS", 0),
        ("glus", 0),
        ("glu", 1),
        ("глюкоза", 2),
        ("сыв глю", 3),
        ("юкоз", 4),
        ("калий", None),
        ("  ", None),
    ],
)
def test_rank(typed: str, rank: int | None) -> None:
    assert rank_match(typed, ["GLUS", ""], ["Glucose, serum", "Глюкоза, сыворотка"]) == rank


def test_yo_and_ye_are_one_letter() -> None:
    assert rank_match("железо", ["FE"], ["Жёлезо"]) == 2


@pytest.mark.parametrize(("typed", "meant"), [("ukz", "гля"), ("сис", "cbc"), ("12", "12")])
def test_the_other_layout(typed: str, meant: str) -> None:
    assert in_other_layout(typed) == meant


def test_both_languages_find_it_and_panels_stand_first(region: Region) -> None:
    for typed in ("глюкоза", "glucose"):
        assert "GLUS" in {one.code for one in search_catalogue(typed)}
    kinds = [one.is_panel for one in search_catalogue("thyro")]
    assert kinds[0]
    assert not kinds[-1]


def test_what_begins_so_stands_before_a_panel_that_only_holds_it(region: Region) -> None:
    with translation.override("ru"):
        found = search_catalogue("креат")
    assert not found[0].is_panel
    assert any(one.is_panel for one in found)


def test_an_equal_code_stands_before_panels(region: Region) -> None:
    assert search_catalogue("K")[0].code == "K"


def test_wrong_layout_still_finds(region: Region) -> None:
    assert "GLUS" in {one.code for one in search_catalogue("uker")} | {
        one.code for one in search_catalogue("uk.rjp")
    }


def test_orderables_keep_the_order_and_speak_the_language(region: Region) -> None:
    with translation.override("ru"):
        found = orderables(["K", "NOTHING", "GLUS"])
    assert [one.code for one in found] == ["K", "GLUS"]
    assert found[0].name == "Калий"
