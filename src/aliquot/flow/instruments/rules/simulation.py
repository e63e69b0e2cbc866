"""What a simulated analyzer says: measurements in catalogue terms, turned back into the device's own."""

from decimal import Decimal

from aliquot.flow.instruments.rules.driver import Driver
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


def _aspect(driver: Driver, code: str) -> str:
    """The aspect under which this model sends the reported value: none, where results carry no aspect."""
    named = [name for name, policy in driver.layout.aspects.items() if name and policy == "report"]
    return driver.tests[code].aspect or (named[0] if named else "")
