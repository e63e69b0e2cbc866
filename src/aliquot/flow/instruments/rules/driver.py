"""An analyzer driver: a folder of data under `drivers/`, read once, used in both directions."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from aliquot.flow.instruments.rules import forms
from aliquot.flow.instruments.rules.adaptation import Adaptation
from aliquot.flow.instruments.rules.adapting import adapted
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.layout import DriverError, Layout, TestProposal
from aliquot.flow.instruments.rules.layout_file import read_layout
from aliquot.flow.instruments.rules.layout_file.link import PROFILES
from aliquot.flow.instruments.rules.reading import Run, Understood, WorkOrder
from aliquot.flow.instruments.rules.understanding import Interpreter
from aliquot.wire.links import LinkProfile

_ASTM_QUERY = re.compile(rb"[\r\n][Qq][^A-Za-z0-9\r\n]")
FOLDER = Path(__file__).parents[1] / "drivers"


@dataclass(frozen=True, slots=True)
class Driver:
    """One model: what its messages mean, and how to speak to it. Sources stand in its driver.toml."""

    layout: Layout
    interpreter: Interpreter

    @property
    def model(self) -> str:
        return self.layout.model

    @property
    def title(self) -> str:
        """Vendor and model as a person calls it."""
        return f"{self.layout.vendor} {self.layout.name}"

    @property
    def framing(self) -> LinkProfile:
        """How it speaks on the line; give it to `open_link`."""
        return self.layout.framing

    @property
    def protocol(self) -> str:
        """The name of its link protocol, as its [link] says it."""
        speaks = type(self.layout.framing)
        return next(protocol for protocol, profile in PROFILES.items() if profile is speaks)

    @property
    def tests(self) -> Mapping[str, TestProposal]:
        """Proposed mapping of the analyzer's codes; a laboratory confirms it before use."""
        return self.layout.tests

    @property
    def takes_orders(self) -> bool:
        """Whether this model can be told what to measure."""
        return self.layout.order is not None

    @property
    def takes_dilution(self) -> bool:
        """Whether an order for this model can name a dilution."""
        order = self.layout.order
        lines = (
            ()
            if order is None
            else (order.test, order.diluted, *(one for each in order.records.values() for one in each))
        )
        return any("{dilution}" in line or "{diluted}" in line for line in lines)

    def read(self, content: bytes, zone: tzinfo = UTC) -> Understood:
        """Return readings, queries and problems of one message; device times are local to `zone`.

        Never raises on content: what is not understood is a problem that carries the raw text.
        """
        return self.interpreter.understand(content, zone)

    def may_ask(self, content: bytes) -> bool:
        """Return whether a message can be a host query: a cheap look, so that results need not wait."""
        if self.layout.query is None:
            return False
        if self.layout.grammar == "astm":
            return _ASTM_QUERY.search(content) is not None
        if self.layout.grammar == "hl7":
            return b"QPD" in content or b"QRD" in content
        return True

    def adapted(self, adaptation: Adaptation) -> "Driver":
        """Return this driver with what a laboratory has added to it for one analyzer."""
        return driver_from(adapted(self.layout, adaptation))

    def order_message(self, orders: Sequence[WorkOrder], header: Header) -> list[list[bytes]]:
        """Return the messages, each a list of records, that tell the model what to do with these tubes.

        Without work it is the model's negative answer; what exceeds the device's limits is split.
        Raises UnsendableError when a value does not fit this model.
        """
        return forms.order_messages(self.layout, orders, header)

    def asked_codes(self, codes: Sequence[str], asked: Sequence[str]) -> tuple[str, ...]:
        """Return those of a tube's codes that a question names by its tests; all when it names none."""
        return forms.asked_codes(self.layout, codes, asked)

    def result_message(self, runs: Sequence[Run], header: Header) -> list[bytes]:
        """Return the records a simulated analyzer of this model sends for these runs."""
        return forms.result_records(self.layout, runs, header)

    def query_message(self, specimen_code: str, header: Header, *, place: str = "") -> list[bytes]:
        """Return the records by which a simulated analyzer of this model asks about a tube."""
        return forms.query_records(self.layout, specimen_code, place, header)


@cache
def models() -> tuple[str, ...]:
    """Return the models a driver exists for, in alphabetical order."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/driver.toml")))


@cache
def load(model: str) -> Driver:
    """Return the driver of a model, or raise DriverError that names the file and the key."""
    if model not in models():
        raise DriverError(f"there is no driver for {model!r}; known: {', '.join(models())}")
    driver = build(f"{model}/driver.toml", (FOLDER / model / "driver.toml").read_text("utf-8"))
    if driver.model != model:
        raise DriverError(f"{model}/driver.toml: driver.model: must be {model!r}, the folder's name")
    return driver


def build(file: str, text: str) -> Driver:
    """Return a driver from the text of a driver.toml; `file` is the name errors use."""
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise DriverError(f"{file}: {fault}") from None
    return driver_from(read_layout(file, data))


def driver_from(layout: Layout) -> Driver:
    """Return the driver of a layout."""
    return Driver(layout, Interpreter(layout))
