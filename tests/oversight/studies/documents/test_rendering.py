"""Facts of a supply as the report of either language writes them."""

import pytest
from django.utils.translation import override

from aliquot.oversight.studies.documents.rendering import supply_lines


@pytest.mark.parametrize(("language", "price"), [("en", "3.20"), ("ru", "3,20")])
def test_prices_and_days_are_written_as_people_read_them(language: str, price: str) -> None:
    supply = {"candidate": {"product": "GOD", "price": "3.20", "valid_until": "2027-01-31"}}
    with override(language):
        lines = supply_lines(supply)
    assert [line[1:] for line in lines] == [("GOD", ""), ("31.01.2027", ""), (price, "")]
