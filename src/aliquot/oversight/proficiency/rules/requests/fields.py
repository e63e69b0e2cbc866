"""The inputs of a question by name: spellings, numbers, lists, choices; a fault names field and remedy.

A number of JSON is a binary fraction, as published cases are; a text with a number ("5.4") is exact.
"""

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from aliquot.oversight.proficiency.rules.entries import read_number

_Word = TypeVar("_Word")


class QuestionError(ValueError):
    """The inputs are unknown or malformed; the text names the field and what would be right."""


class Fields:
    """Inputs under their own names; what was never asked for is told at the end."""

    def __init__(self, inputs: Mapping[str, Any], spellings: Mapping[str, str]) -> None:
        self._held: dict[str, Any] = {}
        self._written: dict[str, str] = {}
        self._asked: set[str] = set()
        for key, value in inputs.items():
            name = spellings.get(key, spellings.get(key.strip().lower(), key.strip().lower()))
            if name in self._held:
                raise QuestionError(f"{self._written[name]} and {key} say the same: leave one of them.")
            self._held[name] = value
            self._written[name] = key

    def __contains__(self, name: str) -> bool:
        """Whether something other than null is said under this name."""
        return self._held.get(name) is not None

    @property
    def unused(self) -> list[str]:
        """What nobody asked for, as it was written."""
        return [self._written[name] for name in self._held if name not in self._asked]

    def raw(self, name: str) -> Any:
        """The value as it is; None where nothing is said."""
        self._asked.add(name)
        return self._held.get(name)

    def written(self, name: str) -> str:
        """How the inputs call it."""
        return self._written.get(name, name)

    def number(self, name: str) -> float | Decimal | None:
        """A finite number, or None where nothing is said."""
        value = self.raw(name)
        return None if value is None else finite(self.written(name), value)

    def positive(self, name: str) -> float | Decimal | None:
        """A number above 0, or None where nothing is said."""
        value = self.number(name)
        if value is not None and value <= 0:
            raise QuestionError(f"{self.written(name)}: {value} is not greater than 0.")
        return value

    def not_negative(self, name: str) -> float | Decimal | None:
        """A number from 0, or None where nothing is said."""
        value = self.number(name)
        if value is not None and value < 0:
            raise QuestionError(f"{self.written(name)}: {value} is negative.")
        return value

    def whole(self, name: str, otherwise: int, *, least: int = 0) -> int:
        """A whole number from `least`."""
        value = self.number(name)
        if value is None:
            return otherwise
        if value != int(value) or value < least:
            raise QuestionError(f"{self.written(name)}: {value} is no whole number from {least}.")
        return int(value)

    def listed(self, name: str) -> list[Any]:
        """A list that is not empty."""
        value = self.raw(name)
        if not isinstance(value, list) or not value:
            raise QuestionError(f"{self.written(name)}: {value!r} is no list with values; write [ ... ].")
        return value

    def numbers(self, name: str) -> list[float]:
        """A list of numbers; a fault names the place, counted from 1."""
        return numbers_of(self.written(name), self.listed(name))

    def text(self, name: str, otherwise: str = "") -> str:
        """A text, or a number as a text."""
        value = self.raw(name)
        if value is None:
            return otherwise
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise QuestionError(f"{self.written(name)}: {value!r} is no text.")
        return str(value).strip()

    def choice(self, name: str, words: Mapping[str, _Word], otherwise: str) -> _Word:
        """One of the words, in any case, blanks and dashes as underscores."""
        said = self.text(name, otherwise).lower().replace(" ", "_").replace("-", "_")
        if said not in words:
            raise QuestionError(f"{self.written(name)}: {said!r} is none of {', '.join(words)}.")
        return words[said]

    def flag(self, name: str) -> bool:
        """True or false; false where nothing is said."""
        value = self.raw(name)
        if value is not None and not isinstance(value, bool):
            raise QuestionError(f"{self.written(name)}: {value!r} is neither true nor false.")
        return bool(value)


def finite(name: str, value: Any) -> float | Decimal:
    """A number of JSON, or a text with one, exactly. QuestionError names the field for anything else."""
    if isinstance(value, str):
        try:
            return read_number(value)
        except ValueError as fault:
            raise QuestionError(f"{name}: {value!r} is no number; write digits, without a unit.") from fault
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise QuestionError(f"{name}: {value!r} is no number.")
    if not isinstance(value, float):
        return Decimal(value)
    if not math.isfinite(value):
        raise QuestionError(f"{name}: {value!r} is no finite number.")
    return value


def numbers_of(name: str, values: Iterable[Any]) -> list[float]:
    """The values as floats; a fault names the place, counted from 1."""
    return [float(finite(f"{name}, value {place}", one)) for place, one in enumerate(values, start=1)]


def alike(**numbers: float | Decimal | None) -> dict[str, Any]:
    """All numbers of one kind: exact ones, unless one of them is a binary fraction."""
    if any(isinstance(one, float) for one in numbers.values()):
        return {name: None if one is None else float(one) for name, one in numbers.items()}
    return dict(numbers)


def shown(value: Decimal) -> int | Decimal:
    """A whole number without a point."""
    return int(value) if value == int(value) else value
