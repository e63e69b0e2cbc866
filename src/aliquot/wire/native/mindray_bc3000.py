r"""Texts of the Mindray BC-3000: fixed width, between STX and 1Ah, without a checksum, unanswered.

Positions are counted from the first character after STX, from 1: 1 kind (A result, B and C control files),
2-3 version, 4-6 `I10`, 7-9 `P19`, 10-11 described parameters, 12-21 specimen (zero padded), 22 mode, 23-24
month, 25-26 day, 27-30 year, 31-32 hour, 33-34 minute; then 19 parameters as digits without their decimal
point, in the order and widths of `_PARAMETERS`; then flags, regions and histograms, which stay in the ledger.

Source: HostManager (its four logged texts); widths and decimals are those under which in every text the three
percentages add up to 100 and the three counts to the leucocytes.
"""

from decimal import Decimal

from aliquot.wire.astm_records import Message, Record, RecordError
from aliquot.wire.native.tree import decoded, message, moment, record, result, results

_HEAD = 34
# code, digits, decimals, unit
_PARAMETERS = (
    ("WBC", 4, 1, "10^9/L"),
    ("LYM#", 4, 1, "10^9/L"),
    ("MID#", 4, 1, "10^9/L"),
    ("GRAN#", 4, 1, "10^9/L"),
    ("LYM%", 3, 1, "%"),
    ("MID%", 3, 1, "%"),
    ("GRAN%", 3, 1, "%"),
    ("RBC", 3, 2, "10^12/L"),
    ("HGB", 3, 0, "g/L"),
    ("MCHC", 4, 0, "g/L"),
    ("MCV", 4, 1, "fL"),
    ("MCH", 4, 1, "pg"),
    ("RDW-CV", 3, 1, "%"),
    ("HCT", 3, 1, "%"),
    ("PLT", 4, 0, "10^9/L"),
    ("MPV", 3, 1, "fL"),
    ("PDW", 3, 1, ""),
    ("PCT", 3, 3, "%"),
    ("RDW-SD", 4, 1, "fL"),
)
_SHARES = ("LYM%", "MID%", "GRAN%")
_ROUNDED = Decimal("0.3")  # three figures of one decimal add up to 100 within this
_LENGTH = _HEAD + sum(width for _, width, _, _ in _PARAMETERS)


def parse(content: bytes, charset: str = "latin-1") -> list[Message]:
    """Return the message of one text; a parameter that is no number stands as sent, with status X.

    Raises RecordError for control files, for texts with another number of parameters, and where the three
    percentages show that the columns are shifted.
    """
    text = decoded(content, charset)
    if text[:1] != "A" or text[3:9] != "I10P19" or len(text) < _LENGTH:
        raise RecordError(f"no result of a BC-3000: {text[:40]!r}")
    time = moment(text[22:34], "%m%d%Y%H%M")
    order = record("O", {2: "1", 3: text[11:21].strip(), 26: "F"})
    at = _HEAD
    for code, width, decimals, unit in _PARAMETERS:
        digits, at = text[at : at + width], at + width
        value = _scaled(digits, decimals)
        result(order, {3: code, 4: value or digits.strip(), 5: unit, 9: "F" if value else "X", 13: time})
    _check_columns(order)
    return [message(results(order), "BC-3000", time)]


def _check_columns(order: Record) -> None:
    """A lost digit shifts every column behind it and nothing else would show it: there is no checksum."""
    shares = [one.field(4) for one in order.children if one.field(3) in _SHARES and one.field(9) == "F"]
    if len(shares) == len(_SHARES) and abs(sum(map(Decimal, shares), Decimal(-100))) > _ROUNDED:
        raise RecordError(f"the percentages {', '.join(shares)} are not 100 together: a digit is missing")


def _scaled(digits: str, decimals: int) -> str:
    """Return the digits with their decimal point, or nothing where they are no number."""
    if not (digits.isascii() and digits.isdecimal()):
        return ""
    whole, part = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    number = whole.lstrip("0") or "0"
    return f"{number}.{part}" if part else number
