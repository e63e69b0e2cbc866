"""The value of a result: number, comparator, word, and the unit or flag that some devices write inside."""

from dataclasses import dataclass
from decimal import Decimal

from aliquot.flow.instruments.rules.layout import Layout
from aliquot.flow.instruments.rules.numbers import read_number
from aliquot.flow.instruments.rules.sheets import Marks, Scope, text_at
from aliquot.foundation.quick import quickly_made

_STRUCTURED = "SN"  # HL7 v2.5.1 2.A.71: comparator^number^separator^number


@quickly_made
@dataclass(frozen=True, slots=True)
class Value:
    """What stands at the value's place."""

    text: str
    number: Decimal | None = None
    comparator: str = ""
    unit: str = ""  # when it stands inside the value
    flag: str = ""
    failed: bool = False  # one of the texts that say that there is no result
    strange: bool = False  # a word, and the driver knows others


class ValueReader:
    """Reads values as a layout says."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self.decimal, self.is_hl7 = layout.value, layout.decimal, layout.grammar == "hl7"
        value = layout.value
        self._is_plain = not (value.pattern or value.words or value.failed or value.comparators)
        self._names = sorted(layout.value.comparators, key=len, reverse=True)

    def read(self, scope: Scope, marks: Marks) -> Value:
        """Return the value of the result of this scope, escapes resolved."""
        text = self._text(scope, marks)
        if self._is_plain:
            comparator, number = read_number(text, self.decimal)
            return Value(text, number, comparator)
        found = self.layout.pattern.fullmatch(text.strip()) if self.layout.pattern else None
        return (
            self._within(text, {}) if found is None else self._within(found["value"] or "", found.groupdict())
        )

    def _within(self, text: str, groups: dict[str, str | None]) -> Value:
        """Return the value of a text, and what its pattern found beside it."""
        layout, bare = self.layout, text.strip()
        if bare in layout.failed:
            return Value(text, failed=True)
        unit, flag, inside = ((groups.get(name) or "").strip() for name in ("unit", "flag", "comparator"))
        if bare in layout.words:
            return Value(layout.words[bare], unit=unit, flag=flag)
        comparator, number = read_number(self._compared(inside + bare), self.decimal)
        if inside and number is not None:
            text = f"{comparator}{bare}"
        strange = bool(layout.words) and number is None and bool(bare)
        return Value(text, number, comparator, unit, flag, strange=strange)

    def _text(self, scope: Scope, marks: Marks) -> str:
        for place in self.layout.at:
            text = text_at(place, scope, marks)
            if text.strip():
                return self._structured(text, scope, marks) if self.is_hl7 else text
        return ""

    def _structured(self, text: str, scope: Scope, marks: Marks) -> str:
        """A value of type SN is written together, as `>=` and `100`."""
        lines = scope.get("OBX", ())
        if not lines or lines[0].field(2).strip() != _STRUCTURED:
            return text
        parts = lines[0].field(5).split(marks.component)
        return marks.unescape("".join(parts))

    def _compared(self, text: str) -> str:
        for name in self._names:
            if text.startswith(name):
                return self.layout.comparators[name] + text[len(name) :]
        return text
