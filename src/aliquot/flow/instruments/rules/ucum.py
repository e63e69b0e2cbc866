"""Whether a text is a unit of UCUM, as far as laboratories use it."""

import re

# UCUM 2.1: the metric atoms laboratories meet, and those that take no prefix
_METRIC = (
    r"m|g|s|L|l|mol|U|kat|K|Pa|Hz|J|eq|osm|Cel|V|A|W|bar|\[IU\]|\[iU\]|m\[H2O\]|m\[Hg\]|lm|cd|C|sr|Gy|Bq|Sv"
)
_OTHERS = (
    r"%|\[pH\]|min|h|d|wk|mo|a|deg|\[arb'U\]|\[pptr\]|\[ppth\]|\[ppm\]|\[ppb\]|10\*|10\^|1|\[degF\]"
    r"|\[HPF\]|\[LPF\]|\[CFU\]|\[PFU\]|\[in_i\]|\[lb_av\]|\[anti'Xa'U\]|\[GPL'U\]|\[MPL'U\]"
)
_PREFIX = "Y|Z|E|P|T|G|M|k|h|da|d|c|m|u|n|p|f|a|z|y"
_ATOM = rf"(?:(?:{_PREFIX})?(?:{_METRIC})|{_OTHERS})(?:[+-]?\d{{1,2}})?"
_TERM = rf"(?:(?:10[*^][+-]?\d{{1,2}}|{_ATOM})(?:\{{[^{{}}]*\}})?|\{{[^{{}}]*\}})"
_UNIT = re.compile(rf"/?{_TERM}(?:[./]{_TERM})*")
_LONGEST = 60
_KELVIN_BY = "K/"
"""Who writes K/uL means thousands; UCUM reads kelvin by volume, which nobody measures."""


def is_ucum(text: str) -> bool:
    """Return whether the text is a case-sensitive UCUM unit of atoms laboratories use (UCUM 2.1).

    `K/uL` is none: what a driver does not map to 10*3/uL waits for a person.
    """
    return len(text) <= _LONGEST and not text.startswith(_KELVIN_BY) and _UNIT.fullmatch(text) is not None
