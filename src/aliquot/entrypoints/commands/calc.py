"""Compute one quantity from JSON: formulas, units, changes, check digits, turnaround, without a database."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aliquot.flow.orders.rules.turnaround import METHODS, median, percentile, share_within
from aliquot.flow.verification.rules.change import (
    Check,
    Direction,
    Mode,
    ReferenceChange,
    delta,
    reference_change,
    z_value,
)
from aliquot.foundation.questions import UnreadableQuestionError, read_content, read_object
from aliquot.foundation.units import UnitError, is_valid, unit
from aliquot.registers.catalogue.rules import loinc
from aliquot.registers.catalogue.rules.calculators.quantities import InputError, normalised
from aliquot.registers.catalogue.rules.calculators.requests import calculate, number
from aliquot.registers.catalogue.rules.substances import convert_substance
from aliquot.wire.barcode import code_128_check_value, gs1_digit

MALFORMED = 2
Inputs = Mapping[str, Any]
Answer = dict[str, Any]

_DIGITS = Context(prec=15)
_SHARE_DIGITS = Context(prec=16)
_OWN_WORDS = "minutes"  # beside it "target" is a time, and no unit to convert into
_SPELLINGS = {
    "source": "src", "from": "src", "src_unit": "src", "source_unit": "src", "from_unit": "src",
    "target": "dst", "to": "dst", "dst_unit": "dst", "target_unit": "dst", "dest": "dst", "to_unit": "dst",
    "ucum": "unit", "previous": "prev", "prior": "prev", "current": "curr", "cv_a": "cva", "cv_i": "cvi",
    "cva_percent": "cva", "cvi_percent": "cvi", "cva_pct": "cva", "cvi_pct": "cvi",
    "confidence": "probability", "tails": "sides", "log_normal": "lognormal",
    "digits_without_check_digit": "digits_without_check",
    "codeset": "code_set", "days_between": "days", "interval_days": "days", "window": "window_days",
    "loinc": "code", "loinc_code": "code", "gtin": "digits", "sscc": "digits",
    "limit_percent": "limit", "rcv": "limit", "rcv_percent": "limit",
}  # fmt: skip
_MODES = {
    "abs": "absolute", "difference": "absolute", "pct": "percent", "relative": "percent",
    "rate": "rate_per_day", "rate_percent": "rate_percent_per_day", "percent_per_day": "rate_percent_per_day",
    "rate_pct_per_day": "rate_percent_per_day",
}  # fmt: skip
_DIRECTIONS = {"up": "increase", "down": "decrease", "any": "both", "rise": "increase", "fall": "decrease"}


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="one JSON object; - reads standard input")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print one JSON object; what the inputs do not allow is null and named under `refused`.

        The command ends with 2 and names the field when the inputs are unknown or malformed.
        """
        try:
            self.stdout.write(as_json(answer(_read(options["file"]))))
        except InputError as fault:
            raise CommandError(str(fault), returncode=MALFORMED) from fault


def answer(inputs: Inputs) -> Answer:
    """What the inputs ask for, recognised by their names; InputError for what nobody knows."""
    if set(inputs) >= {"inputs"} and isinstance(inputs["inputs"], dict):
        inputs = inputs["inputs"]
    words = {normalised(key): value for key, value in inputs.items()}
    named = words if _OWN_WORDS in words else {_SPELLINGS.get(key, key): words[key] for key in words}
    for needed, taken, answering in _KINDS:
        if needed <= named.keys() and "calculator" not in named:
            if unknown := named.keys() - taken:
                raise InputError(
                    f"{', '.join(sorted(unknown))}: not known beside {', '.join(sorted(needed))}."
                )
            return answering(named)
    return _calculated(inputs)


def _calculated(inputs: Inputs) -> Answer:
    found = calculate(inputs)
    shown: Answer = {"calculation": found.calculation, **found.values, **dict.fromkeys(found.refusals)}
    if found.refusals:
        shown["refused"] = {key: {"code": one.code, "text": str(one)} for key, one in found.refusals.items()}
    if found.assumed:
        shown["assumed_units"] = found.assumed
    if found.unused:
        shown["unused"] = found.unused
    return shown


def _judged_unit(inputs: Inputs) -> Answer:
    code = _text(inputs, "unit")
    try:
        unit(code)
    except UnitError as fault:
        return {"valid": is_valid(code), "text": str(fault)}
    return {"valid": True}


def _converted(inputs: Inputs) -> Answer:
    value = number("value", inputs["value"])
    source, target, substance = _text(inputs, "src"), _text(inputs, "dst"), _text(inputs, "substance", "")
    try:
        exact = convert_substance(value, source, target, normalised(substance))
        is_scaled = not (substance or unit(source).special or unit(target).special)
    except UnitError as fault:
        raise InputError(str(fault)) from fault
    shown = _as_significant(value, exact) if is_scaled else _plain(exact)
    return {"value": shown, "exact": _plain(exact)}


def _as_significant(value: Decimal, exact: Decimal) -> str:
    """With as many significant digits as the value was written with; a whole number is exact.

    Source: UCUM functional tests, conversion cases: 6.30 [in_i] is 0.160 m, 1 S is 0.001.
    """
    digits, exponent = value.as_tuple().digits, value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= 0 or not value:
        return _plain(exact)
    return format(Context(prec=len(digits)).plus(exact), "f")


def _plain(value: Decimal) -> str:
    """Without an exponent and, past the point, without zeros that say nothing."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _reference_change(inputs: Inputs) -> Answer:
    found = _rcv(inputs)
    return _shown(found)


def _shown(found: ReferenceChange) -> Answer:
    return {
        "rcv_sym": _DIGITS.plus(found.symmetric),
        "rcv_log_up": _DIGITS.plus(found.up),
        "rcv_log_down": _DIGITS.plus(found.down),
    }


def _rcv(inputs: Inputs) -> ReferenceChange:
    try:
        return reference_change(number("cva", inputs["cva"]), number("cvi", inputs["cvi"]), _z(inputs))
    except ValueError as fault:
        raise InputError(f"cva, cvi, z: {fault}") from fault


def _z(inputs: Inputs) -> Decimal:
    """The deviate that was given, or of the probability and sides; 1.96 where nothing is said."""
    if inputs.get("z") is not None:
        return number("z", inputs["z"])
    if "probability" not in inputs and "sides" not in inputs:
        return Decimal("1.96")
    probability = number("probability", inputs.get("probability", Decimal("0.95")))
    sides = {"one": 1, "two": 2}.get(
        str(inputs.get("sides", 2)).removesuffix("-sided"), inputs.get("sides", 2)
    )
    return z_value(probability / 100 if probability > 1 else probability, int(number("sides", sides)))


def _delta(inputs: Inputs) -> Answer:
    mode = _choice(inputs, "mode", Mode, _MODES, "rcv" if "cva" in inputs else None)
    direction = _choice(inputs, "direction", Direction, _DIRECTIONS, "both")
    if inputs["prev"] is None:
        return {"delta": None, "flag": False, "reason": "no_previous"}
    found = _rcv_of_delta(inputs) if mode is Mode.RCV else None
    check = Check(
        mode,
        _optional(inputs, "limit"),
        direction,
        _optional(inputs, "window_days"),
        found,
        is_lognormal=inputs.get("lognormal") is True,
    )
    days = _optional(inputs, "hours")
    days = _optional(inputs, "days") if days is None else days / 24
    try:
        judged = delta(check, number("prev", inputs["prev"]), number("curr", inputs["curr"]), days)
    except ValueError as fault:
        raise InputError(f"limit, mode: {fault}") from fault
    change = None if judged.change is None else _DIGITS.plus(judged.change)
    why = {"reason": judged.reason} if judged.reason else {}
    return {"delta": change, "flag": judged.is_flagged, **why, **(_shown(found) if found else {})}


def _rcv_of_delta(inputs: Inputs) -> ReferenceChange | None:
    """Of the variations, or the symmetric limit that was given as it is."""
    if {"cva", "cvi"} <= inputs.keys():
        return _rcv(inputs)
    limit = _optional(inputs, "limit")
    return None if limit is None else ReferenceChange(limit, limit, -limit)


def _choice(inputs: Inputs, key: str, kind: Any, spellings: Mapping[str, str], otherwise: str | None) -> Any:
    text = inputs.get(key, otherwise)
    if text is None:
        raise InputError(f"{key} lacks: one of {', '.join(kind)}.")
    name = normalised(str(text))
    try:
        return kind(spellings.get(name, name))
    except ValueError as fault:
        raise InputError(f"{key}: {text!r} is none of {', '.join(kind)}.") from fault


def _optional(inputs: Inputs, key: str) -> Decimal | None:
    return None if inputs.get(key) is None else number(key, inputs[key])


def _turnaround(inputs: Inputs) -> Answer:
    """The share within the target, the median and percentiles of times; null where there is no time."""
    given = inputs["minutes"]
    if not isinstance(given, list):
        raise InputError(f"minutes: {given!r} is no list of numbers.")
    minutes = [number("minutes", one) for one in given]
    target, method = _optional(inputs, "target"), _method(inputs)
    asked = {f"p{_plain(one)}": one for one in _percents(inputs)}
    keys = [*(["within_target_pct"] if target is not None else []), "median", *asked]
    if not minutes:
        return dict.fromkeys(keys) | {
            "refused": {key: {"code": "no_times", "text": NO_TIMES} for key in keys}
        }
    found: Answer = {"median": _DIGITS.plus(median(minutes))}
    if target is not None:
        found["within_target_pct"] = _SHARE_DIGITS.plus(share_within(minutes, target))
    return found | {key: _DIGITS.plus(percentile(minutes, one, method)) for key, one in asked.items()}


def _method(inputs: Inputs) -> str:
    method = normalised(_text(inputs, "percentile_method", "nearest-rank")).replace("_", "-")
    if method not in METHODS:
        raise InputError(f"percentile_method: {method!r} is none of {', '.join(METHODS)}.")
    return method


def _percents(inputs: Inputs) -> list[Decimal]:
    """The percentiles that are asked for; the 90th where none is."""
    given = inputs.get("percentiles", [90])
    asked = [number("percentiles", one) for one in (given if isinstance(given, list) else [given])]
    if any(not 0 <= one <= 100 for one in asked):  # noqa: PLR2004 - a percentile is a part of a hundred
        raise InputError("percentiles: each lies from 0 to 100.")
    return asked


def _judged_loinc(inputs: Inputs) -> Answer:
    return {"valid": loinc.is_valid(_text(inputs, "code"))}


def _gs1(inputs: Inputs) -> Answer:
    return {"check_digit": int(_checked(gs1_digit, _text(inputs, "digits_without_check")))}


def _judged_gs1(inputs: Inputs) -> Answer:
    digits = _text(inputs, "digits")
    expected = _checked(gs1_digit, digits[:-1])
    return {"valid": expected == digits[-1:], "check_digit": int(expected)}


def _code_128(inputs: Inputs) -> Answer:
    code_set = _text(inputs, "code_set", "B").strip().upper()
    return {"check_value": int(_checked(code_128_check_value, _text(inputs, "data"), code_set))}


def _checked(rule: Callable[..., Any], *given: str) -> Any:
    try:
        return rule(*given)
    except ValueError as fault:
        raise InputError(str(fault)) from fault


def _text(inputs: Inputs, key: str, otherwise: str | None = None) -> str:
    value = inputs.get(key, otherwise)
    if isinstance(value, str):
        return value
    raise InputError(f"{key}: {value!r} is no text; write it in quotation marks.")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


NO_TIMES = "Without a time there is no share and no percentile."
_RCV = "cva cvi z probability sides"
_KINDS: tuple[tuple[frozenset[str], frozenset[str], Callable[[Inputs], Answer]], ...] = (
    (_names("value src dst"), _names("value src dst substance"), _converted),
    (_names("unit"), _names("unit"), _judged_unit),
    (
        _names("prev curr"),
        _names(f"prev curr limit mode direction days hours window_days lognormal {_RCV}"),
        _delta,
    ),
    (_names("cva cvi"), _names(_RCV), _reference_change),
    (_names("code"), _names("code"), _judged_loinc),
    (_names("digits_without_check"), _names("digits_without_check"), _gs1),
    (_names("digits"), _names("digits"), _judged_gs1),
    (_names("data"), _names("data code_set"), _code_128),
    (_names("minutes"), _names("minutes target percentile_method percentiles"), _turnaround),
)
"""What makes an input one of a kind, what else it may hold, and who answers."""


def as_json(value: Any) -> str:
    """The value as JSON in one line; a Decimal keeps its own digits, never those of a binary fraction."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)}: {as_json(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(as_json(one) for one in value) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value, ensure_ascii=False)


def _read(file: str) -> dict[str, Any]:
    try:
        return read_object(read_content(file), parse_float=Decimal)
    except UnreadableQuestionError as fault:
        raise InputError(str(fault)) from fault
