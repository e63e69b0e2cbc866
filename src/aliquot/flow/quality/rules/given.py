"""What a person or program gave, by names that we know: numbers, whole numbers, choices, yes or no."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from aliquot.registers.catalogue.rules.calculators.quantities import InputError, normalised
from aliquot.registers.catalogue.rules.calculators.requests import number

Inputs = Mapping[str, Any]
ABOUT = frozenset({"test", "analyte", "analyzer", "unit", "lot", "name", "note", "id", "kind", "title"})
"""What may stand beside any inputs and changes nothing."""


def named(inputs: Inputs, spellings: Mapping[str, str]) -> dict[str, Any]:
    """The inputs by our names for them; InputError where two of them are spellings of one."""
    found: dict[str, Any] = {}
    for key, value in inputs.items():
        name = spellings.get(normalised(key), normalised(key))
        if found.get(name) is not None and value is not None:
            raise InputError(f"{key}: the same as another field here; leave one of them.")
        if found.get(name) is None:
            found[name] = value
    return found


def names(inputs: Inputs, spellings: Mapping[str, str]) -> set[str]:
    """Our names for what is given, whatever it is."""
    return {spellings.get(normalised(key), normalised(key)) for key in inputs}


def refuse_unknown(found: Mapping[str, Any], known: Iterable[str]) -> None:
    """InputError that names what nobody reads and lists what is read; words about the test do no harm."""
    known = list(known)
    if unknown := sorted(found.keys() - set(known) - ABOUT):
        raise InputError(f"{', '.join(unknown)}: not known here; known are {', '.join(known)}.")


def as_decimal(field: str, raw: Any) -> Decimal:
    """A number or a text with one, exactly as written; InputError, which names the field, for all else."""
    found = number(field, repr(raw) if isinstance(raw, float) else raw)
    if not is_measurable(found):
        raise InputError(f"{field}: {raw!r} is out of any range that is measured; look at its exponent.")
    return found


def is_measurable(value: Decimal) -> bool:
    """Whether a number is of a size that a laboratory writes: below 10^15 and, unless 0, above 10^-30."""
    return not value or _SMALLEST <= value.adjusted() < _LARGEST


def whole(field: str, raw: Any, least: int, most: int) -> int:
    """A whole number within the bounds."""
    found = as_decimal(field, raw)
    if found != found.to_integral_value() or not least <= found <= most:
        raise InputError(f"{field}: {raw!r} is no whole number from {least} to {most}.")
    return int(found)


def choice(field: str, raw: Any, known: Iterable[str], spellings: Mapping[str, str]) -> str:
    """One of the known words, or a spelling of one."""
    known = list(known)
    name = normalised(raw) if isinstance(raw, str) else ""
    name = spellings.get(name, name)
    if name not in known:
        raise InputError(f"{field}: {raw!r} is none of {', '.join(known)}.")
    return name


def truth(field: str, raw: Any) -> bool:
    """Yes or no, as JSON or as a word."""
    found = _TRUTH.get(str(raw).casefold().strip())
    if found is None:
        raise InputError(f"{field}: {raw!r} is neither true nor false.")
    return found


_SMALLEST, _LARGEST = -30, 15
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
