"""From the number that was entered or computed to the number a report prints."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_NUMBER = re.compile(r"([<>]=?|[≤≥])?\s*([+-]?\d{1,12}(?:[.,]\d{1,9})?)")
_SIGNS = {"≤": "<=", "≥": ">="}
STORED_DECIMALS = 6
"""Places after the point that the table keeps."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person typed: the number and its sign ("", "<", ">", "<=", ">="), or text only."""

    text: str
    value: Decimal | None = None
    comparator: str = ""


def reported(number: Decimal, decimals: int | None) -> Decimal:
    """`number` at the test's decimals, half rounded away from zero; without decimals as precise as is kept.

    Flags are decided on this value, so that a printed 5.1 is never flagged against a limit of 5.1.
    Source: half away from zero is the commercial rounding that analyzers and laboratories print.
    """
    places = STORED_DECIMALS if decimals is None else decimals
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def reported_entry(entry: Entry, decimals: int | None) -> Entry:
    """A typed number as it is kept; a limit with more decimals keeps them: <0.04 rounded would be <0.0."""
    assert entry.value is not None
    number = reported(entry.value, decimals)
    if entry.comparator and number != entry.value:
        exact = reported(entry.value, None)
        return Entry(printed(exact, entry.comparator, None), exact, entry.comparator)
    return Entry(printed(number, entry.comparator, decimals), number, entry.comparator)


def plain(number: Decimal) -> str:
    """The number without trailing zeros and without an exponent: 4.10 is "4.1", 1E+2 is "100"."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def printed(number: Decimal, comparator: str, decimals: int | None) -> str:
    """The value as a report prints it: the sign, then the number with all its decimals."""
    shown = plain(number) if decimals is None else format(reported(number, decimals), "f")
    return f"{comparator}{shown}"


def read_entry(text: str) -> Entry:
    """What was typed, decimal comma or point; text that is no number comes back without a value."""
    stripped = text.strip()
    match = _NUMBER.fullmatch(stripped)
    if not match:
        return Entry(stripped)
    sign = match[1] or ""
    return Entry(stripped, Decimal(match[2].replace(",", ".")), _SIGNS.get(sign, sign))
