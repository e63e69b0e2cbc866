"""The analyzer's test codes: code, aspect and dilution of a result, and the tests an order names."""

from collections.abc import Sequence
from typing import TypeAlias

from aliquot.flow.instruments.rules.layout import ResultLayout
from aliquot.flow.instruments.rules.sheets import Line, Marks, Scope, cut, first_text, text_at

_CACHED = 4096  # distinct texts remembered for one driver
Code: TypeAlias = tuple[str, str, str]  # code, aspect, dilution
NOT_DILUTED = frozenset({"", "1", "1:1", "x1", "undiluted"})
DILUTION_LIMIT = 40  # characters kept


def spoken_dilution(said: str) -> str:
    """Return the dilution as the analyzer says it, empty for the specimen as it is."""
    text = said.strip()[:DILUTION_LIMIT]
    return "" if text.lower() in NOT_DILUTED else text


class CodeReader:
    """Reads codes as a layout says; it remembers the texts it met when all of a code stands in one field."""

    def __init__(self, layout: ResultLayout) -> None:
        self.layout = layout
        places = (*layout.code, *layout.aspect, *layout.dilution)
        fields = {(place.record, place.field) for place in places}
        self._field = fields.pop() if len(fields) == 1 else None
        self._known: dict[tuple[str, str, str], Code] = {}

    def read(self, scope: Scope, marks: Marks) -> Code:
        """Return (code, aspect, dilution) of the result of this scope; empty where there is none."""
        if self._field is None:
            return self._read(scope, marks)
        lines = scope.get(self._field[0], ())
        if len(lines) != 1:
            return self._read(scope, marks)
        key = (lines[0].field(self._field[1]), marks.component, marks.repeat)
        known = self._known.get(key)
        if known is None:
            known = self._read(scope, marks)
            if len(self._known) < _CACHED:
                self._known[key] = known
        return known

    def _read(self, scope: Scope, marks: Marks) -> Code:
        layout = self.layout
        if layout.code_separator:
            parts = [text_at(place, scope, marks).strip() for place in layout.code]
            code = layout.code_separator.join(part for part in parts if part)
        else:
            code = first_text(layout.code, scope, marks)
        aspect = first_text(layout.aspect, scope, marks)
        dilution = first_text(layout.dilution, scope, marks)
        found = layout.code_pattern.fullmatch(code) if layout.code_pattern else None
        if found:
            groups = found.groupdict()
            code = groups.get("code") or code
            aspect = groups.get("aspect") or aspect
            dilution = groups.get("dilution") or dilution
        return code, aspect, dilution

    def ordered(self, lines: Sequence[Line], number: int, marks: Marks) -> tuple[str, ...]:
        """Return the codes an order field names, in the component in which results carry theirs."""
        component = next((place for place in self.layout.code if place.component), self.layout.code[0])
        codes: list[str] = []
        for line in lines:
            sent = line.field(number)
            pieces = sent.split(marks.repeat) if marks.repeat else [sent]
            codes += [cut(piece, component, marks).strip() for piece in pieces]
        return tuple(dict.fromkeys(code for code in codes if code))
