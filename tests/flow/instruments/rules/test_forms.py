"""An order that leaves names the tube it is for, whatever the model."""

from datetime import UTC, datetime

import pytest

from aliquot.flow.instruments.rules.driver import load, models
from aliquot.flow.instruments.rules.forms import Header, UnsendableError
from aliquot.flow.instruments.rules.reading import WorkOrder

NUMBER = "710100000012"


@pytest.mark.parametrize("model", models())
def test_an_order_names_its_tube_or_is_not_sent(model: str) -> None:
    driver = load(model)
    order = WorkOrder(NUMBER, (next(iter(driver.tests), "WBC"),))
    try:
        messages = driver.order_message([order], Header(datetime(2026, 3, 2, 9, tzinfo=UTC)))
        said = b"\r".join(record for one in messages for record in one).decode("latin-1")
    except UnsendableError as fault:
        said = str(fault)
    assert NUMBER in said or said.endswith("takes no orders")


def test_a_model_that_is_told_by_place_takes_nothing_unasked() -> None:
    with pytest.raises(UnsendableError, match="it has to ask for 710100000012 itself"):
        load("sysmex_xn").order_message([WorkOrder(NUMBER, ("WBC",))], Header(datetime.now(UTC)))


@pytest.mark.parametrize(
    ("model", "asked", "wanted"),
    [
        ("sysmex_ca600", ("040",), ("041", "044")),  # one order, several results
        ("sysmex_ca600", (), ("041", "044", "051")),
        ("sysmex_ca600", ("060",), ()),
        ("siemens_advia_centaur_xpt", ("044",), ("044",)),
    ],
)
def test_a_question_that_names_tests_is_answered_by_what_is_ordered(
    model: str, asked: tuple[str, ...], wanted: tuple[str, ...]
) -> None:
    assert load(model).asked_codes(("041", "044", "051"), asked) == wanted
