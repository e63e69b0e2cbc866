"""What stands where on a tube label of 50 x 25 mm.

Two symbols carry the same number: Code 128 for the readers of analyzers, Data Matrix for a tube too small
or too curved for it. The number is also in digits. Elements: CLSI AUTO12-A2 (the name first, then the rest).
"""

from dataclasses import dataclass

from aliquot.flow.specimens.rules.labels.symbols import Modules, code_128, data_matrix
from aliquot.flow.specimens.rules.numbering import check_number, grouped

WIDTH_MM = 50.0
HEIGHT_MM = 25.0


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """What a label says. Everything but the number is text ready for a person, in the person's language."""

    number: str
    patient: str
    birth_date: str = ""
    sex: str = ""
    container: str = ""
    site: str = ""
    tests: tuple[str, ...] = ()
    urgency: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text: left and top, the room to its right, and the height of its letters' em, in mm."""

    x: float
    y: float
    width: float
    size: float
    words: str
    is_reversed: bool = False


@dataclass(frozen=True, slots=True)
class Symbol:
    """A bar code: left and top, the width of a module, and the height of one row of modules, in mm."""

    x: float
    y: float
    module: float
    row_height: float
    modules: Modules


@dataclass(frozen=True, slots=True)
class Layout:
    """One label as texts and symbols."""

    texts: tuple[Text, ...]
    symbols: tuple[Symbol, ...]


def lay_out(facts: LabelFacts) -> Layout:
    """The layout of one label. Raises ValueError for what is no specimen number: it must not be printed."""
    verdict = check_number(facts.number)
    if not verdict.is_valid:
        raise ValueError(verdict.reason % dict(verdict.values))
    return Layout(
        tuple(text for text in _texts(facts, verdict.number) if text.words), _symbols(verdict.number)
    )


def _texts(facts: LabelFacts, number: str) -> tuple[Text, ...]:
    born = "  ".join(part for part in (facts.birth_date, facts.sex) if part)
    return (
        Text(1.5, 0.75, 47.0, 3.75, facts.patient),
        Text(1.5, 4.75, 24.0, 2.75, born),
        Text(38.5, 4.75, 10.0, 2.75, facts.urgency, is_reversed=True),
        Text(1.5, 17.5, 34.0, 3.0, grouped(number)),
        Text(37.0, 17.25, 12.0, 2.25, facts.container),
        Text(1.5, 20.75, 34.0, 2.5, " ".join(facts.tests)),
        Text(37.0, 20.75, 12.0, 2.25, facts.site),
    )


def _symbols(number: str) -> tuple[Symbol, ...]:
    return (
        Symbol(3.5, 8.0, 0.25, 9.0, code_128(number)),
        Symbol(38.5, 9.25, 0.5, 0.5, data_matrix(number)),
    )
