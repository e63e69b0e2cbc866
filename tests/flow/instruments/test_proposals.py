"""Every proposal of every driver: what a simulated analyzer of the model sends is filed without a question of units."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from aliquot.flow.instruments.actions import install_analyzer
from aliquot.flow.instruments.queries import analyzer_lines
from aliquot.flow.instruments.rules.driver import load, models
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Run
from aliquot.flow.instruments.rules.simulation import measurement
from aliquot.registers.network.models import Bench
from tests.regions import Region

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
# the generic ones know no codes, and not every model is simulated; native texts come one by one over their link
PROPOSING = [
    model
    for model in models()
    if load(model).tests and load(model).layout.simulation and load(model).layout.grammar in ("astm", "hl7")
]


@pytest.mark.parametrize("model", PROPOSING)
def test_the_unit_of_a_mapping_is_the_unit_that_a_reading_carries(region: Region, model: str) -> None:
    bench = Bench.objects.select_related("department__site").order_by("id")[0]
    analyzer = install_analyzer(
        code="NEW", name="New", driver=model, bench=bench, listen_port=45999, by=region.worker, at=NOW
    )
    driver = load(model)
    mapped = {one.code: one for one in analyzer.mappings.all()}
    run = Run("710100000011", tuple(measurement(driver, code, Decimal(5)) for code in mapped))
    sent = driver.result_message([run], Header(NOW))
    readings = driver.read(b"\r".join(record.rstrip(b"\r") for record in sent) + b"\r").readings

    assert mapped
    assert {one.code: one.unit for one in readings} == {code: one.unit for code, one in mapped.items()}
    assert any(line.code == "NEW" for line in analyzer_lines())
