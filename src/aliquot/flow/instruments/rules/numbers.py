"""Numbers as devices write them: with comparator, decimal comma, power of ten."""

import re
from decimal import Decimal

_NUMBER = re.compile(
    r"(<=|>=|=<|=>|[<>\u2264\u2265])?\s*"
    r"([+-]?(?:\d+\.?\d*|\.\d+))"
    # without a mark or sign 1.5x100 may be 150 or 1.5: it is no number
    r"(?:[eE]([+-]?\d{1,2})|\s*[xX*\u00d7]\s*10(?:[*^E]([+-]?\d{1,2})|([+-]\d{1,2})))?"
)
_LONGEST = 32  # characters; longer ones are no measurement
_COMPARATORS = {"=<": "<=", "=>": ">=", "\u2264": "<=", "\u2265": ">="}


def read_number(text: str, decimal: str = ".") -> tuple[str, Decimal | None]:
    """Return (comparator, number) of a text such as "<0,5", "3.26E+05" or "> 1.5 x10^3"; None for no number.

    `decimal` holds the decimal signs the device may use; a number with two signs is none.
    """
    text = text.strip()
    if "." not in decimal and "." in text:
        return "", None  # 1.234 of a device that writes commas may be a thousand
    if "," in decimal:
        text = text.replace(",", ".")
    found = _NUMBER.fullmatch(text) if len(text) <= _LONGEST else None
    if not found:
        return "", None
    comparator, digits, *powers = found.groups()
    number = Decimal(digits).scaleb(int(next(filter(None, powers), 0)))
    return _COMPARATORS.get(comparator, comparator or ""), plain(number)


def plain(number: Decimal) -> Decimal:
    """Return the number without a positive exponent: 3.26E+5 is 326000."""
    exponent = number.as_tuple().exponent
    return Decimal(int(number)) if isinstance(exponent, int) and exponent > 0 else number
