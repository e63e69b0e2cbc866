"""What the drivers tell their analyzers: orders, answers without work, tubes that cannot be said."""

import pytest

from aliquot.flow.instruments.rules.driver import load, models
from aliquot.flow.instruments.rules.forms import Header, UnsendableError
from aliquot.flow.instruments.rules.reading import WorkOrder
from tests.flow.instruments.driver_ends import ASKING, AT, over_the_link

ORDERED = [model for model in ASKING if load(model).layout.order and load(model).tests]


@pytest.mark.parametrize("model", ORDERED)
def test_an_order_names_the_tube_and_every_test(model: str) -> None:
    driver = load(model)
    forms = driver.layout.order
    assert forms is not None
    codes = tuple(sorted(driver.tests))[:3]
    query = over_the_link(driver, driver.query_message("9900000101", Header(AT))).queries[0]
    order = WorkOrder("9900000101", codes, place=query.place)
    messages = driver.order_message([order], Header(AT))
    text = b"\r".join(record for records in messages for record in records).decode("latin-1")
    assert "9900000101" in text
    pattern = forms.code_pattern
    ordered = [found["code"] if pattern and (found := pattern.fullmatch(code)) else code for code in codes]
    assert all(code in text for code in ordered)


def test_the_centaurs_answer_is_the_one_of_the_transcript() -> None:
    driver = load("siemens_advia_centaur_xpt")
    (records,) = driver.order_message([WorkOrder("050B04005S", ("TSH", "FT4"))], Header(AT))
    assert records[1:] == [
        b"P|1",
        b"O|1|050B04005S||^^^TSH\\^^^FT4|R||||||||||||||||||||O\\Q",
        b"L|1|F",
    ]
    assert driver.order_message([WorkOrder("050B04005S", ())], Header(AT))[0][1:] == [b"L|1|I"]


@pytest.mark.parametrize("model", [one for one in models() if load(one).layout.order])
def test_no_work_is_said_in_words_without_tests(model: str) -> None:
    driver = load(model)
    for orders in ([], [WorkOrder("9900000101", (), place="^^9900000101^B")]):
        messages = driver.order_message(orders, Header(AT))
        assert not any(
            record.startswith((b"O|", b"OBR|")) and record.split(b"|")[4].strip(b"^")
            for records in messages
            for record in records
        )


def test_a_tube_number_is_never_shortened() -> None:
    driver = load("siemens_immulite2000")
    with pytest.raises(UnsendableError, match="at most 20"):
        driver.order_message([WorkOrder("9" * 21, ("TSH",))], Header(AT))
    with pytest.raises(UnsendableError, match="cannot be sent"):
        driver.order_message([WorkOrder("Ж1", ("TSH",))], Header(AT))
