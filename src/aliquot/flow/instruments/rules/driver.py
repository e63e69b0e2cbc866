"""An analyzer driver: a folder of data under `drivers/`, read once, used in both directions."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from aliquot.flow.instruments.rules import forms
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.layout import DriverError, Layout, TestProposal
from aliquot.flow.instruments.rules.layout_file import read_layout
from aliquot.flow.instruments.rules.reading import Run, Understood, WorkOrder
from aliquot.flow.instruments.rules.understanding import Interpreter
from aliquot.wire.astm_link import FramingProfile

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
    def framing(self) -> FramingProfile:
        """How its frames are cut; give it to the link."""
        return self.layout.framing

    @property
    def tests(self) -> Mapping[str, TestProposal]:
        """Proposed mapping of the analyzer's codes; a laboratory confirms it before use."""
        return self.layout.tests

    def read(self, content: bytes, zone: tzinfo = UTC) -> Understood:
        """Return readings, queries and problems of one message; device times are local to `zone`.

        Never raises on content: what is not understood is a problem that carries the raw text.
        """
        return self.interpreter.understand(content, zone)

    def order_message(self, orders: Sequence[WorkOrder], header: Header) -> list[bytes]:
        """Return the records that answer a host query, or the model's negative answer without work.

        Raises UnsendableError when a value does not fit this model.
        """
        return forms.order_records(self.layout, orders, header)

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
    layout = read_layout(file, data)
    try:
        "".encode(layout.charset)
    except LookupError:
        raise DriverError(f"{file}: text.charset: {layout.charset!r} is no known charset") from None
    return Driver(layout, Interpreter(layout))
