"""What a calculation is made of: outputs with their formulas, forms by unit, and its name."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from inspect import Parameter, signature

Formula = Callable[..., Decimal]

UNITLESS = frozenset({"sex", "black", "dialysis"})
"""Inputs that are no quantities."""


@dataclass(frozen=True, slots=True)
class Output:
    """One computed quantity: the key under which it is printed, its formula, its unit.

    `rises` and `falls` name the inputs with which it surely grows and shrinks; `capped` those that it
    takes only up to a limit.
    """

    key: str
    formula: Formula
    unit: str
    rises: frozenset[str] = frozenset()
    falls: frozenset[str] = frozenset()
    capped: frozenset[str] = frozenset()

    @property
    def needs(self) -> frozenset[str]:
        """Inputs without which there is no value."""
        return frozenset(one.name for one in self._parameters() if one.default is Parameter.empty)

    @property
    def takes(self) -> frozenset[str]:
        """Every input that the formula knows."""
        return frozenset(one.name for one in self._parameters())

    def _parameters(self) -> tuple[Parameter, ...]:
        return tuple(signature(self.formula).parameters.values())


@dataclass(frozen=True, slots=True)
class Form:
    """Formulas that take their inputs in the same units (UCUM)."""

    units: Mapping[str, str]
    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class Calculation:
    """What a person asks for by name; its first output decides what must be given.

    What is superseded is computed only when it is asked for by name.
    """

    name: str
    pattern: re.Pattern[str] = field(repr=False)
    forms: tuple[Form, ...]
    is_superseded: bool = False

    @property
    def needs(self) -> frozenset[str]:
        """Inputs without which the first form's first output has no value."""
        return self.forms[0].outputs[0].needs

    @property
    def takes(self) -> frozenset[str]:
        """Every input of every form."""
        return frozenset().union(*(one.takes for form in self.forms for one in form.outputs))
