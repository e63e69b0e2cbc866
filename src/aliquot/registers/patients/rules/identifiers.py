"""Numbers that identify a Russian patient: SNILS and the compulsory insurance policy."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any

from aliquot.wire.barcode import luhn_digit

_SNILS_LENGTH = 11
_POLICY_LENGTH = 16
_FIRST_CHECKED_SNILS = 1_001_999
_SEPARATORS = re.compile(r"[\s\u00a0\-\u2010-\u2015]+")

EMPTY = "The number is empty."
NOT_DIGITS = "The number holds something else than digits, spaces and hyphens."
SNILS_LENGTH = "A SNILS has 11 digits; this one has %(count)s."
SNILS_CHECK = "The last two digits of the SNILS should be %(expected)s and are %(found)s."
POLICY_LENGTH = "A policy number has 16 digits; this one has %(count)s."
POLICY_CHECK = "The last digit of the policy number should be %(expected)s and is %(found)s."
SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "empty": EMPTY,
        "not_digits": NOT_DIGITS,
        "snils_length": SNILS_LENGTH,
        "snils_check": SNILS_CHECK,
        "policy_length": POLICY_LENGTH,
        "policy_check": POLICY_CHECK,
    }
)
"""The sentence of each warning that a record keeps, by its code."""
TYPE_AGAIN = "Compare with the document and type the number again, or leave it empty."
ASK_SENDER = "Kept as it came; ask the sender to compare it with the document."


_CODES: Mapping[str, str] = {text: code for code, text in SENTENCES.items()}


class Grade(Enum):
    """What the check found."""

    VALID = "valid"
    NOT_CHECKED = "not_checked"
    WARNING = "warning"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a number and what to do; `number` is its bare digits.

    `reason` and `remedy` are message ids; `values` fills them. Both are empty when nothing is wrong.
    """

    grade: Grade
    number: str
    reason: str = ""
    remedy: str = ""
    values: tuple[tuple[str, str], ...] = ()

    @property
    def may_be_kept(self) -> bool:
        """Whether the number may be stored, perhaps with a warning beside it."""
        return self.grade is not Grade.INVALID

    def as_json(self, field: str) -> dict[str, Any]:
        """The warning as a record keeps it: its field, a code of SENTENCES, the values."""
        return {"field": field, "code": _CODES[self.reason], "values": dict(self.values)}

    @property
    def message(self) -> str:
        """The reason and the remedy in English; a screen translates the parts instead."""
        return f"{self.reason % dict(self.values)} {self.remedy}".strip()


def warning_words(kept: Mapping[str, Any], translate: Callable[[str], str]) -> str:
    """The sentence of a kept warning in the language of `translate`; "" for a code not known here."""
    text = SENTENCES.get(str(kept.get("code")))
    return f"{translate(text) % kept['values']} {translate(ASK_SENDER)}" if text else ""


def check_snils(text: str, *, lenient: bool = False) -> Verdict:
    """Whether `text` is a SNILS: 11 digits, weights 9 to 1, modulo 101, 100 counts as 00.

    Numbers up to 001-001-998 carry no check and come back NOT_CHECKED. `lenient` is for numbers from another
    system: what is wrong becomes a warning and the number is kept, because real documents carry wrong ones.
    Source: consultant.ru LAW_124607 (Pension Fund, annex 1), example 112-233-445 95.
    """
    number = _bare(text)
    if wrong := _shape(number, _SNILS_LENGTH, SNILS_LENGTH):
        return _fault(number, *wrong, lenient=lenient)
    if int(number[:9]) < _FIRST_CHECKED_SNILS:
        return Verdict(Grade.NOT_CHECKED, number)
    expected = _snils_check(number[:9])
    if number[9:] != expected:
        return _fault(number, SNILS_CHECK, {"expected": expected, "found": number[9:]}, lenient=lenient)
    return Verdict(Grade.VALID, number)


def check_policy_number(text: str, *, lenient: bool = False) -> Verdict:
    """Whether `text` is a unified policy number: 16 digits of which the last is the Luhn digit.

    `lenient` as in `check_snils`. Source: the published wording (odd places doubled, digits summed, up to the
    next ten) equals ISO/IEC 7812-1 annex B.
    """
    number = _bare(text)
    if wrong := _shape(number, _POLICY_LENGTH, POLICY_LENGTH):
        return _fault(number, *wrong, lenient=lenient)
    expected = luhn_digit(number[:-1])
    if number[-1] != expected:
        return _fault(number, POLICY_CHECK, {"expected": expected, "found": number[-1]}, lenient=lenient)
    return Verdict(Grade.VALID, number)


def format_snils(number: str) -> str:
    """The eleven digits as printed on the card, 112-233-445 95; anything else unchanged."""
    digits = _bare(number)
    if len(digits) != _SNILS_LENGTH or not _is_digits(digits):
        return number
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"


def format_policy_number(number: str) -> str:
    """The sixteen digits in groups of four; anything else unchanged."""
    digits = _bare(number)
    if len(digits) != _POLICY_LENGTH or not _is_digits(digits):
        return number
    return " ".join(digits[place : place + 4] for place in range(0, _POLICY_LENGTH, 4))


def _snils_check(nine: str) -> str:
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(nine))
    return f"{total % 101 % 100:02d}"


def _bare(text: str) -> str:
    return _SEPARATORS.sub("", text)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _shape(number: str, length: int, wrong_length: str) -> tuple[str, dict[str, str]] | None:
    if not number:
        return EMPTY, {}
    if not _is_digits(number):
        return NOT_DIGITS, {}
    if len(number) != length:
        return wrong_length, {"count": str(len(number))}
    return None


def _fault(number: str, reason: str, values: dict[str, str], *, lenient: bool) -> Verdict:
    grade, remedy = (Grade.WARNING, ASK_SENDER) if lenient else (Grade.INVALID, TYPE_AGAIN)
    return Verdict(grade, number, reason, remedy, tuple(sorted(values.items())))
