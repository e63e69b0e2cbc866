"""What a device understands of its orders: for every model, what its driver orders is what it would measure."""

import pytest

from aliquot.entrypoints.simulate import ordered_codes
from aliquot.entrypoints.simulate.answers import is_order
from aliquot.flow.instruments.rules.driver import load, models
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import WorkOrder
from tests.tubes import NOW

TUBE = "710100000011"
ORDERED = [model for model in models() if load(model).layout.order and load(model).tests]


@pytest.mark.parametrize("model", ORDERED)
def test_what_is_ordered_is_what_is_measured(model: str) -> None:
    driver = load(model)
    for code in driver.tests:
        messages = driver.order_message([WorkOrder(TUBE, (code,), place=TUBE)], Header(NOW))
        contents = [b"".join(record + b"\r" for record in records) for records in messages]
        found = {one for content in contents if is_order(content) for one in ordered_codes(driver, content)}
        assert code in found


@pytest.mark.parametrize("model", ORDERED)
def test_no_work_is_no_code(model: str) -> None:
    driver = load(model)
    for records in driver.order_message([WorkOrder(TUBE, (), place=TUBE)], Header(NOW)):
        assert ordered_codes(driver, b"".join(record + b"\r" for record in records)) == ()
