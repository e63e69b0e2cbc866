"""One table of a rule set, read key by key: every mistake is noted, none stops the reading."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from aliquot.flow.verification.rules.document.problems import Problem, nearest, problem
from aliquot.flow.verification.rules.expressions.checking import Convert
from aliquot.flow.verification.rules.expressions.errors import ExpressionError
from aliquot.flow.verification.rules.expressions.expression import Expression, compile_expression
from aliquot.flow.verification.rules.expressions.words import TestType
from aliquot.flow.verification.rules.population import age_in_days
from aliquot.flow.verification.rules.shapes import Span

Word = TypeVar("Word", bound=str)
PAIR = 2


class Fields:
    """A table with the name of its rule; what was never asked for is an unknown key."""

    def __init__(
        self,
        table: Mapping[str, Any],
        rule: str,
        problems: list[Problem],
        within: str = "",
        *,
        convert: Convert | None = None,
    ) -> None:
        self.table, self.rule, self.problems, self._within = table, rule, problems, within
        self._convert = convert
        self._asked: set[str] = set()

    def note(self, key: str, code: str, **facts: object) -> None:
        """Keep a problem with one key of this table."""
        words = tuple((name, str(fact)) for name, fact in facts.items())
        self.problems.append(Problem(self.rule, self._within + key, code, words))

    def has(self, key: str) -> bool:
        return key in self.table

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default it must be there and not be empty."""
        found: str | None = self._of(key, str, "a text", default)
        if found is not None and (found.strip() or default is not None):
            return found
        if found is not None:
            self.note(key, "missing")
        return ""

    def choice(self, key: str, words: Sequence[Word], default: Word) -> Word:
        """One of the words."""
        found = self._of(key, str, "a text", default)
        for word in words:
            if word == found:
                return word
        if found is not None:
            self.note(key, "choice", value=found, expected=", ".join(words))
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        found = self._of(key, bool, "true or false", default)
        return default if found is None else found

    def maybe_flag(self, key: str) -> bool | None:
        return self.flag(key, default=False) if self.has(key) else None

    def whole(self, key: str, default: int) -> int:
        """A whole number of at least 1."""
        found: int | None = self._of(key, int, "a whole number", default)
        if found is None or isinstance(found, bool) or found < 1:
            self.note(key, "negative", value=key)
            return default
        return found

    def from_nought(self, key: str) -> int:
        """A whole number of at least 0; it must be there."""
        found: int | None = self._of(key, int, "a whole number", None)
        if found is not None and found < 0:
            self.note(key, "type", expected="a whole number", value=found)
        return max(found or 0, 0)

    def number(self, key: str) -> Decimal | None:
        """A number, or None when the key is not there."""
        self._asked.add(key)
        return self._number(key, self.table[key]) if self.has(key) else None

    def positive(self, key: str) -> Decimal | None:
        """A number greater than 0, or None when the key is not there."""
        found = self.number(key)
        if found is not None and found <= 0:
            self.note(key, "negative", value=key)
        return found

    def span(self, key: str) -> Span | None:
        """[low, high], each side a number or "" for none; None when the key is not there."""
        self._asked.add(key)
        if not self.has(key):
            return None
        sides = self.table[key]
        if not isinstance(sides, list) or len(sides) != PAIR:
            self.note(key, "type", expected="[low, high]", value=sides)
            return None
        low, high = (None if side == "" else self._number(key, side) for side in sides)
        if low is not None and high is not None and low > high:
            self.note(key, "interval_order", low=low, high=high)
        return Span(low, high)

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when the key is not there."""
        found = self._of(key, list, "a list of texts", [])
        if found is None:
            return ()
        if not all(isinstance(one, str) and one.strip() for one in found):
            self.note(key, "type", expected="a list of texts", value=found)
            return ()
        return tuple(found)

    def pairs(self, key: str) -> tuple[tuple[Decimal, Decimal], ...]:
        """A list of pairs of numbers."""
        found = self._of(key, list, "a list of pairs of numbers", []) or []
        pairs = []
        for one in found:
            if not isinstance(one, list) or len(one) != PAIR:
                self.note(key, "type", expected="a list of pairs of numbers", value=one)
                continue
            first, second = (self._number(key, side) for side in one)
            if first is not None and second is not None:
                pairs.append((first, second))
        return tuple(pairs)

    def age(self, key: str) -> int | None:
        """Days of an age such as "18a", or None when the key is not there."""
        if not self.has(key):
            return None
        text = self.text(key, "")
        days = age_in_days(text)
        if days is None:
            self.note(key, "age", value=repr(text))
        return days

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        """The [[tables]] below a key, none when it is not there."""
        self._asked.add(key)
        found = self.table.get(key, [])
        if isinstance(found, list) and all(isinstance(one, dict) for one in found):
            return found
        self.note(key, "type", expected=f"[[{key}]] tables", value=type(found).__name__)
        return []

    def inner(self, key: str) -> "Fields":
        """The table below a key, empty when it is not there."""
        found = self._of(key, dict, "a table", {})
        return Fields(found or {}, self.rule, self.problems, f"{self._within}{key}.", convert=self._convert)

    def expression(self, key: str, catalogue: Mapping[str, TestType]) -> Expression | None:
        """The compiled condition; a mistake in it is noted with its character."""
        text = self.text(key)
        if not text:
            return None
        try:
            return compile_expression(text, catalogue, self._convert)
        except ExpressionError as error:
            words = f"{error.sentence()}\n{error.caret}"
            place = self._within + key
            self.problems.append(
                problem(self.rule, place, "expression", position=error.position, message=words)
            )
            return None

    def all(self) -> Mapping[str, Any]:
        """The whole table: every key is known."""
        self._asked.update(self.table)
        return self.table

    def close(self, also: Collection[str] = ()) -> None:
        """Note every key that nobody asked for."""
        for key in self.table:
            if key not in self._asked and key not in also:
                self.note(key, "unknown_key", nearest=nearest(key, self._asked))

    def _of(self, key: str, kind: type, expected: str, default: Any) -> Any:
        self._asked.add(key)
        if key not in self.table:
            if default is None:
                self.note(key, "missing")
            return default
        found = self.table[key]
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            self.note(key, "type", expected=expected, value=found)
            return None
        return found

    def _number(self, key: str, found: object) -> Decimal | None:
        if isinstance(found, bool) or not isinstance(found, int | Decimal) or not Decimal(found).is_finite():
            self.note(key, "type", expected="a number", value=found)
            return None
        return Decimal(found)
