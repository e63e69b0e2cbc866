"""LOINC codes: shape and check digit."""

import re

from aliquot.wire.barcode import luhn_digit

_SHAPE = re.compile(r"([1-9][0-9]{0,6})-([0-9])")


def is_valid(code: str) -> bool:
    """Whether `code` is one to seven digits, a hyphen and the right mod-10 check digit.

    Source: LOINC Users' Guide, appendix "Calculating mod 10 check digits". It says nothing about whether
    the code was ever issued.
    """
    match = _SHAPE.fullmatch(code)
    return match is not None and luhn_digit(match[1]) == match[2]
