"""The value of a result: number, comparator, word, and the unit or flag that some devices write inside."""

from dataclasses import dataclass
from decimal import Decimal

from aliquot.flow.instruments.rules.layout import Layout
from aliquot.flow.instruments.rules.numbers import read_number
from aliquot.flow.instruments.rules.sheets import Marks, Scope, text_at

_STRUCTURED = "SN"  # HL7 v2.5.1 2.A.71: comparator^number^separator^number


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
        self._names = sorted(layout.value.comparators, key=len, reverse=True)

    def read(self, scope: Scope, marks: Marks) -> Value:
        """Return the value of the result of this scope, escapes resolved."""
        text = self._text(scope, marks)
        layout = self.layout
        groups: dict[str, str | None] = {}
        if layout.pattern and (found := layout.pattern.fullmatch(text.strip())):
            groups = found.groupdict()
            text = groups.get("value") or ""
        bare = text.strip()
        if bare in layout.failed:
            return Value(text, failed=True)
        unit, flag = ((groups.get(name) or "").strip() for name in ("unit", "flag"))
        if bare in layout.words:
            return Value(layout.words[bare], unit=unit, flag=flag)
        comparator, number = read_number(self._compared(bare), self.decimal)
        inside = groups.get("comparator") or ""
        comparator = comparator or layout.comparators.get(inside, inside if inside in ("<", ">") else "")
        if groups.get("comparator") and number is not None:
            text = f"{comparator}{bare}"
        strange = bool(layout.words) and number is None and bool(bare)
        return Value(text, number, comparator if number is not None else "", unit, flag, strange=strange)

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
