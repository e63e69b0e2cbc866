"""Numbers of specimens: the region's own, printed once, read everywhere.

A number is twelve digits: the prefix of a site's range, a running number, a check digit.

* The first two digits of every prefix are the region's, so a scanner tells another region's tube. The numbers
  are the region's, never an operator's. A prefix may be longer for a small site and shorter for a large one,
  as long as no prefix begins another: four digits leave seven for the running number, ten million tubes.
* Digits only, and an even number of them: Code 128 stays in code set C from end to end, 101 modules, 25 mm at
  a module of 0.25 mm, which fits a 50 mm label with its quiet zones. One user reports that a cobas c311 reads
  eight digits and fails from nine: an odd ninth digit changes the code set inside the symbol. A reader that
  objects to the width instead (nine digits are 101 modules too) must be found when an analyzer is connected.
  Eight digits would last a hub of 20,000 tubes a day for weeks, twelve for more than a lifetime.
* The check digit is Damm's: it finds every wrong digit and every swap of neighbours, and stays a digit.
"""

from dataclasses import dataclass

from aliquot.wire.barcode import damm_digit

LENGTH = 12
REGION_LENGTH = 2

NOT_DIGITS = "The number %(number)s holds something else than digits."
WRONG_LENGTH = "A specimen number has %(expected)s digits; %(number)s has %(found)s."
WRONG_CHECK = "The check digit of %(number)s is wrong."
SCAN_AGAIN = "Scan the label again, or compare every digit."


@dataclass(frozen=True, slots=True)
class NumberVerdict:
    """Whether a text is a specimen number; `reason` and `remedy` are message ids that `values` fills."""

    number: str
    is_valid: bool
    reason: str = ""
    remedy: str = ""
    values: tuple[tuple[str, str], ...] = ()


def specimen_number(prefix: str, running: int) -> str:
    """The twelve digits for running number `running` of the range with this prefix.

    Raises ValueError when the prefix is not two to ten digits or the range cannot hold the number.
    """
    room = LENGTH - 1 - len(prefix)
    if not (prefix.isascii() and prefix.isdigit()) or len(prefix) < REGION_LENGTH or room < 1:
        raise ValueError(f"{prefix!r}: a prefix is two to ten digits and begins with the region's two.")
    if not 0 <= running <= last_running_number(prefix):
        raise ValueError(f"{running} lies outside the range of the prefix {prefix}.")
    body = f"{prefix}{running:0{room}d}"
    return body + damm_digit(body)


def last_running_number(prefix: str) -> int:
    """The greatest running number that fits behind `prefix`."""
    return int(10 ** (LENGTH - 1 - len(prefix))) - 1


def check_number(text: str) -> NumberVerdict:
    """Whether `text` is a specimen number of this scheme, of whatever region; if not, why and what to do."""
    number = text.strip()
    facts = {"number": number, "expected": str(LENGTH), "found": str(len(number))}
    if not (number.isascii() and number.isdigit()):
        return _wrong(number, NOT_DIGITS, facts)
    if len(number) != LENGTH:
        return _wrong(number, WRONG_LENGTH, facts)
    if damm_digit(number[:-1]) != number[-1]:
        return _wrong(number, WRONG_CHECK, facts)
    return NumberVerdict(number, is_valid=True)


def is_own(barcode: str, region_prefix: str) -> bool:
    """Whether `barcode` is a valid specimen number of the region with these two digits."""
    return check_number(barcode).is_valid and barcode.strip().startswith(region_prefix)


def region_of(barcode: str) -> str:
    """The two digits of the region that gave this number, or "" when it is no specimen number."""
    verdict = check_number(barcode)
    return verdict.number[:REGION_LENGTH] if verdict.is_valid else ""


def grouped(number: str) -> str:
    """The digits in threes, as a person reads them aloud from a label."""
    return " ".join(number[place : place + 3] for place in range(0, len(number), 3))


def _wrong(number: str, reason: str, facts: dict[str, str]) -> NumberVerdict:
    used = tuple((name, text) for name, text in facts.items() if f"%({name})s" in reason)
    return NumberVerdict(number, is_valid=False, reason=reason, remedy=SCAN_AGAIN, values=used)
