"""Numbers of orders and boxes: a letter, the site's prefix, a running number and a check digit."""

from aliquot.wire.barcode import damm_digit

ORDER, BOX = "L", "B"
_RUNNING_DIGITS = 7


def lettered_number(letter: str, prefix: str, running: int) -> str:
    """`letter`, then `prefix` and seven digits of `running`, then Damm's check digit over all the digits.

    The letter keeps a scanner from taking a box or an order for a tube, whose numbers are digits only.
    Source: Damm, Total anti-symmetrische Quasigruppen, 2004, for the check digit.
    """
    body = f"{prefix}{running:0{_RUNNING_DIGITS}d}"
    return f"{letter}{body}{damm_digit(body)}"
