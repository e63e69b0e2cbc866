"""Numbers: lettered with a check digit, and never the same one twice however many take them at once."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from aliquot.foundation.context import acting
from aliquot.registers.network.actions import next_numbers
from aliquot.registers.network.models import Site
from aliquot.registers.network.queries import laboratory_of, range_prefix, region_prefixes
from aliquot.registers.network.rules.numbering import BOX, ORDER, lettered_number
from aliquot.wire.barcode import damm_digit
from tests.regions import LOADER, Region


@given(st.integers(0, 9_999_999), st.integers(0, 9_999_999))
def test_numbers_differ_and_carry_a_check_digit(one: int, other: int) -> None:
    first, second = lettered_number(ORDER, "7103", one), lettered_number(ORDER, "7103", other)
    assert (first == second) == (one == other)
    assert damm_digit(first[1:-1]) == first[-1]
    assert len(first) == 13


def test_a_box_is_not_taken_for_an_order() -> None:
    assert lettered_number(BOX, "7103", 1)[1:] == lettered_number(ORDER, "7103", 1)[1:]
    assert lettered_number(BOX, "7103", 1)[0] != lettered_number(ORDER, "7103", 1)[0]


def test_prefixes_and_laboratories(region: Region) -> None:
    assert region_prefixes() == {"71"}
    assert range_prefix(region.clinic, "specimen").startswith("71")
    assert range_prefix(region.clinic, "nothing") == ""
    assert laboratory_of(region.clinic) == region.hub
    assert laboratory_of(region.hub) == region.hub


def take(site: Site) -> list[int]:
    """Ten blocks of five, each in a transaction of its own on a connection of its own."""
    try:
        found = []
        for _ in range(10):
            with acting(LOADER):
                found += next_numbers(site, "box", 5)
        return found
    finally:
        connection.close()


def test_four_takers_at_once_never_share_a_number(region: Region) -> None:
    site = region.sites["TUL-KRA"]
    with ThreadPoolExecutor(4) as pool:
        taken = [number for block in pool.map(take, [site] * 4) for number in block]
    assert sorted(taken) == list(range(min(taken), min(taken) + 200))
