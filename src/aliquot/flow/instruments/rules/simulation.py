"""What a simulated analyzer says: measurements in catalogue terms, turned back into the device's own."""

from collections.abc import Mapping
from decimal import Decimal

from aliquot.flow.instruments.rules.driver import Driver
from aliquot.flow.instruments.rules.layout import IndexLayout
from aliquot.flow.instruments.rules.reading import Measurement


def measurement(
    driver: Driver, code: str, value: Decimal, *, places: int = 3, digits: int | None = None
) -> Measurement:
    """Return what this model sends for a value in the catalogue's unit: value / factor, with its own unit.

    Rounded to the device's decimal `places`, or to so many significant `digits`. Raises KeyError for a code
    without proposal.
    """
    proposal = driver.tests[code]
    own = value / proposal.factor
    step = Decimal(1).scaleb(-places if digits is None else min(0, own.adjusted() + 1 - digits))
    layout, number = driver.layout, format(own.quantize(step), "f")
    return Measurement(
        code,
        number if "." in layout.decimal else number.replace(".", ","),
        proposal.device_unit,
        flags="N" if "N" in layout.flags else "",
        aspect=_aspect(driver, code),
        alarm="0" if "0" in layout.alarms else "",
    )


def finding(driver: Driver, code: str, words: str) -> Measurement:
    """Return what this model sends for a test that is answered in words. Raises KeyError as `measurement`."""
    return Measurement(code, words, driver.tests[code].device_unit, aspect=_aspect(driver, code))


def index_measurements(driver: Driver, levels: Mapping[str, Decimal]) -> tuple[Measurement, ...]:
    """Return what this model sends of a specimen with these indices, levels in the unit of the rules.

    As the nearest whole number of the device, or as its smallest grade that covers the level; nothing for a
    model without indices.
    """
    layout = driver.layout.indices
    return tuple(
        Measurement(code, _index_text(layout, index, levels[index]), aspect=_reported(driver))
        for code, index in layout.codes.items()
        if index in levels
    )


def _index_text(layout: IndexLayout, index: str, level: Decimal) -> str:
    grades = sorted(layout.grades.get(index, {}).items(), key=lambda one: one[1])
    if not grades:
        return format((level / layout.factors.get(index, Decimal(1))).quantize(Decimal(1)), "f")
    return next((word for word, upper in grades if level <= upper), grades[-1][0])


def _aspect(driver: Driver, code: str) -> str:
    """The aspect under which this model sends the reported value: none, where results carry no aspect."""
    return driver.tests[code].aspect or _reported(driver)


def _reported(driver: Driver) -> str:
    """The first aspect that this model reports: none, where results carry no aspect."""
    return next((name for name, policy in driver.layout.aspects.items() if name and policy == "report"), "")
