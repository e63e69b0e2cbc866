"""Plan and data of a study as given in JSON or a table.

Names, numbers and rows, and errors that name them.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aliquot.oversight.studies.rules.findings import Reason, Unusable, reason

Vector = tuple[float, ...]
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "нет"})
MOST = 20_000
GREATEST, SMALLEST = 1e50, 1e-50
"""Magnitudes beyond which squares and their inverses leave what a computer can hold."""

LACKS = "%(field)s lacks: give %(wanted)s."
NOT_NUMBER = "%(place)s: %(found)s is not a number; correct the cell or leave it empty."
NOT_LIST = "%(field)s: give a list of numbers, or a column of that name."
NOT_TEXT = "%(field)s: %(found)s is not known; choose one of %(known)s."
UNEQUAL = "%(field)s has %(count)s values and %(other)s has %(expected)s: give as many of each."
TOO_FEW = "%(field)s: %(count)s complete rows are too few; give at least %(least)s."
TOO_MANY = "%(field)s: %(count)s values are too many; give at most %(most)s."
CONSTANT = "%(field)s: all values are the same (%(value)s); a study needs values that differ."
OUT_OF_RANGE = "%(field)s: %(value)s is out of range; give a value %(range)s."
DROPPED = "%(count)s rows without a value were left out."
LABEL_LACKS = "%(place)s is empty; name the group that the value belongs to."


@dataclass(frozen=True, slots=True)
class Given:
    """Values by normalised name; `places` name the cells of a column when the data came from a sheet."""

    values: Mapping[str, Any]
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set, compare=False)

    def take(self, *names: str) -> tuple[str, Any]:
        """The first of the names that has a value, and the value; the first name and None without one."""
        for name in names:
            if self.values.get(name) is not None:
                self.used.add(name)
                return name, self.values[name]
        return names[0], None

    def has(self, *names: str) -> bool:
        """Whether one of the names has a value."""
        return any(self.values.get(name) is not None for name in names)

    def unused(self) -> tuple[str, ...]:
        """Names that no study of the kind knows."""
        return tuple(sorted(set(self.values) - self.used))

    def number(
        self,
        *names: str,
        default: float | None = None,
        above: float = -math.inf,
        below: float = math.inf,
    ) -> float | None:
        """The number by one of the names, strictly between the bounds; the default where none is given."""
        name, value = self.take(*names)
        if value is None:
            return default
        found = self._cell(name, value)
        if found is None or not above < found < below:
            raise Unusable(
                OUT_OF_RANGE,
                field=name,
                value=str(value),
                range=f"> {above:g}" if below == math.inf else f"> {above:g} < {below:g}",
            )
        return found

    def whole(self, *names: str, default: int, least: int = 1) -> int:
        """A whole number by one of the names."""
        found = self.number(*names, above=least - 1)
        return default if found is None else round(found)

    def choice(self, *names: str, known: Mapping[str, str], default: str) -> str:
        """One of the known words, by any of its spellings."""
        name, value = self.take(*names)
        if value is None:
            return default
        word = normalised(str(value))
        if word not in known:
            raise Unusable(NOT_TEXT, field=name, found=repr(value), known=", ".join(sorted(set(known))))
        return known[word]

    def flag(self, *names: str) -> bool:
        """Whether a switch is on."""
        yes = {"true", "1", "yes", "y", "on", "да", "1_0"}
        no = {"false", "0", "no", "n", "off", "нет"}
        known = dict.fromkeys(yes, "on") | dict.fromkeys(no, "")
        return bool(self.choice(*names, known=known, default=""))

    def listed(self, *names: str) -> Vector:
        """Numbers of the plan, such as decision levels: a list, one number, or text with semicolons."""
        name, value = self.take(*names)
        if value is None:
            return ()
        many = (
            value
            if isinstance(value, (list, tuple))
            else str(value).split(";")
            if isinstance(value, str)
            else [value]
        )
        found = (self._cell(name, one) for one in many)
        return tuple(one for one in found if one is not None)

    def column(self, *names: str, wanted: str) -> tuple[float | None, ...]:
        """The numbers of a column, None where a cell is empty; Unusable without the column."""
        name, value = self.take(*names)
        if value is None:
            raise Unusable(LACKS, field=names[0], wanted=reason(wanted))
        return self._cells(name, value)

    def maybe(self, *names: str) -> tuple[float | None, ...] | None:
        """The numbers of a column that may lack."""
        name, value = self.take(*names)
        return None if value is None else self._cells(name, value)

    def labels(self, *names: str) -> tuple[str, ...] | None:
        """The groups that the rows belong to; None without the column."""
        name, value = self.take(*names)
        if value is None:
            return None
        if not isinstance(value, (list, tuple)):
            raise Unusable(NOT_LIST, field=name)
        return tuple(self._label(name, index, one) for index, one in enumerate(value))

    def _cells(self, name: str, value: Any) -> tuple[float | None, ...]:
        if not isinstance(value, (list, tuple)):
            raise Unusable(NOT_LIST, field=name)
        if len(value) > MOST:
            raise Unusable(TOO_MANY, field=name, count=len(value), most=MOST)
        return tuple(self._cell(name, one, index) for index, one in enumerate(value))

    def _label(self, name: str, index: int, value: Any) -> str:
        if value is None or not str(value).strip():
            raise Unusable(LABEL_LACKS, place=self.place(name, index))
        return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()

    def _cell(self, name: str, value: Any, index: int | None = None) -> float | None:
        if value is None or (isinstance(value, str) and value.strip().casefold() in MISSING):
            return None
        try:
            found = math.nan if isinstance(value, bool) else float(_plain(value))
        except (TypeError, ValueError):
            found = math.inf
        if math.isnan(found) and not isinstance(value, bool):
            return None
        if not math.isfinite(found):
            raise Unusable(NOT_NUMBER, place=self.place(name, index), found=repr(value))
        if found and not SMALLEST <= abs(found) <= GREATEST:
            raise Unusable(OUT_OF_RANGE, field=self.place(name, index), value=found, range="1e-50 ... 1e50")
        return found

    def place(self, name: str, index: int | None) -> str:
        """Where a value stands: the cell of the sheet, or the position in the list."""
        if index is None:
            return name
        return f"{name}, {self.places[name][index]}" if name in self.places else f"{name}[{index + 1}]"


def _plain(value: Any) -> Any:
    """Text as people write numbers: a decimal comma, spaces between thousands."""
    if not isinstance(value, str):
        return value
    text = re.sub(r"[\s\u00a0\u202f]", "", value).removesuffix("%")
    return text.replace(",", ".") if "." not in text and text.count(",") == 1 else text


def normalised(name: str) -> str:
    """A name as it is compared: small letters, digits, underscores."""
    return re.sub(r"\W+", "_", name.strip().casefold()).strip("_")


def given(values: Mapping[str, Any], places: Mapping[str, tuple[str, ...]] | None = None) -> Given:
    """The values under normalised names."""
    return Given({normalised(str(name)): value for name, value in values.items()}, places or {})


def complete(
    columns: Mapping[str, Sequence[Any]], *, least: int
) -> tuple[dict[str, tuple[Any, ...]], tuple[Reason, ...]]:
    """The rows that have a value in every column, and a remark on how many had not.

    Raises Unusable for columns of unequal length and for too few rows.
    """
    first, *others = columns
    for name in others:
        if len(columns[name]) != len(columns[first]):
            raise Unusable(
                UNEQUAL, field=name, count=len(columns[name]), other=first, expected=len(columns[first])
            )
    rows = list(zip(*columns.values(), strict=True))
    kept = [row for row in rows if all(one is not None for one in row)]
    if len(kept) < least:
        raise Unusable(TOO_FEW, field=first, count=len(kept), least=least)
    lost = len(rows) - len(kept)
    remarks = (reason(DROPPED, count=lost),) if lost else ()
    return {name: tuple(row[index] for row in kept) for index, name in enumerate(columns)}, remarks


def differing(field_name: str, values: Iterable[float]) -> None:
    """Unusable when all values are the same."""
    found = set(values)
    if len(found) == 1:
        raise Unusable(CONSTANT, field=field_name, value=found.pop())


def significance(given: Given, default: float = 0.05) -> float:
    """alpha, or what a confidence level leaves; 0.95 and 95 both mean 95 %."""
    confidence = given.number("confidence", "confidence_level", "conf_level", "ci_level", "ci", above=0)
    if confidence is not None:
        share = confidence / 100 if confidence >= 1 else confidence
        if not 0 < share < 1:
            raise Unusable(OUT_OF_RANGE, field="confidence", value=confidence, range="> 0 < 100")
        return 1 - share
    found = given.number("alpha", default=default, above=0, below=1)
    assert found is not None
    return found
