"""Check digits and check values of the numbers that travel as bar codes."""

_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
"""Damm's totally anti-symmetric quasigroup of order 10 (H. M. Damm, dissertation, Marburg 2004)."""

_CODE_128_START = {"A": 103, "B": 104, "C": 105}
_CODE_128_PRIME = 103


def damm_digit(digits: str) -> str:
    """The check digit that finds every single wrong digit and every swap of neighbours.

    Source: H. M. Damm, "Total anti-symmetrische Quasigruppen", Marburg 2004; the example 572 gives 4.
    Raises ValueError when `digits` is empty or holds anything but 0 to 9.
    """
    _need_digits(digits)
    interim = "0"
    for digit in digits:
        interim = _DAMM[int(interim)][int(digit)]
    return interim


def gs1_digit(digits: str) -> str:
    """The GS1 check digit: weights 3, 1, 3 ... from the right, up to the next ten.

    Source: GS1 General Specifications, section 7.9 (GTIN, SSCC, GSRN).
    """
    _need_digits(digits)
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def luhn_digit(digits: str) -> str:
    """The mod-10 "double every other digit" check digit, as ISO/IEC 7812-1 annex B and LOINC have it."""
    _need_digits(digits)
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the two digits of 10..18 summed
    return str(-total % 10)


def code_128_check_value(data: str, code_set: str = "B") -> int:
    """The symbol check value of Code 128: start value plus place times value, modulo 103.

    Source: ISO/IEC 15417, 4.3.5. `code_set` is A, B or C for the whole of `data`.
    Raises ValueError for a character that the code set does not have.
    """
    values = _code_128_values(data, code_set)
    weighted = sum(place * value for place, value in enumerate(values, start=1))
    return (_CODE_128_START[code_set] + weighted) % _CODE_128_PRIME


def code_128_modules(digits: str) -> int:
    """The width in modules of an even run of digits in code set C, without quiet zones (ISO/IEC 15417)."""
    start, check, stop = 11, 11, 13
    return start + 11 * len(_code_128_values(digits, "C")) + check + stop


def _code_128_values(data: str, code_set: str) -> list[int]:
    if code_set not in _CODE_128_START:
        raise ValueError(f"Code set {code_set!r}: Code 128 has A, B and C.")
    if code_set == "C":
        return _pairs(data)
    values = [_code_128_value(character, code_set) for character in data]
    if not values:
        raise ValueError("Nothing to encode.")
    return values


def _pairs(data: str) -> list[int]:
    _need_digits(data)
    if len(data) % 2:
        raise ValueError(f"{data!r}: code set C takes an even number of digits.")
    return [int(data[place : place + 2]) for place in range(0, len(data), 2)]


def _code_128_value(character: str, code_set: str) -> int:
    point = ord(character)
    if 32 <= point < (96 if code_set == "A" else 128):  # noqa: PLR2004 - the code sets' own ranges
        return point - 32
    if code_set == "A" and point < 32:  # noqa: PLR2004 - control characters follow the 64 printable ones
        return point + 64
    raise ValueError(f"{character!r} is not in code set {code_set} of Code 128.")


def _need_digits(digits: str) -> None:
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"{digits!r}: only the digits 0 to 9 carry a check digit.")
