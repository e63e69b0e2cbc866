"""What each kind of rule takes: the parameters of one table, checked."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import get_args

from aliquot.flow.verification.rules.document.fields import Fields
from aliquot.flow.verification.rules.document.problems import nearest
from aliquot.flow.verification.rules.expressions.words import TestType
from aliquot.flow.verification.rules.kinds.delta import rcv_limits
from aliquot.flow.verification.rules.kinds.measuring_range import dilution_factor
from aliquot.flow.verification.rules.shapes import (
    LOOK_BACK_DAYS,
    Above,
    Below,
    Body,
    Comment,
    Consent,
    Consistency,
    Delta,
    Direction,
    Exclusion,
    FlagAction,
    Flags,
    Index,
    Indices,
    Limits,
    MeasuringRange,
    Missing,
    Mode,
    Quality,
    Reflex,
    Rerun,
    Span,
    Swap,
)

Catalogue = Mapping[str, TestType]
MODES: tuple[Mode, ...] = get_args(Mode)
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
FLAG_ACTIONS: tuple[FlagAction, ...] = get_args(FlagAction)
ABOVES: tuple[Above, ...] = get_args(Above)
BELOWS: tuple[Below, ...] = get_args(Below)
INDEX_NAMES: tuple[Index, ...] = get_args(Index)
MISSINGS: tuple[Missing, ...] = get_args(Missing)
CONSENTS: tuple[Consent, ...] = get_args(Consent)
QC_STATES = ("in_control", "no_plan")
"""States of control that may release."""
SWAP_WINDOW = timedelta(days=90)


def read_limits(fields: Fields, code: str, _catalogue: Catalogue) -> Limits:
    """Limits: critical ones may not lie inside those of automatic release, nor absurd inside critical."""
    release, critical, absurd = (fields.span(key) for key in ("autoverification", "critical", "absurd"))
    if _is_from_catalogue(fields, ("autoverification", "critical", "absurd")):
        return Limits(code, is_from_catalogue=True)
    if release is None and critical is None and absurd is None:
        fields.note("autoverification", "agreement_missing", expected="autoverification, critical, absurd")
    _require_around(fields, release, critical)
    for limit, beyond in _inside(critical, absurd):
        fields.note("absurd", "absurd_inside", absurd=beyond, limit=limit)
    return Limits(code, release, critical, absurd)


def _require_around(fields: Fields, release: Span | None, critical: Span | None) -> None:
    for limit, beyond in _inside(release, critical):
        fields.note("critical", "critical_inside", critical=beyond, limit=limit)


def _inside(inner: Span | None, outer: Span | None) -> list[tuple[Decimal, Decimal]]:
    """Pairs (inner limit, outer limit) where the outer one does not lie farther out or at the same place."""
    if inner is None or outer is None:
        return []
    found = []
    if inner.low is not None and outer.low is not None and outer.low > inner.low:
        found.append((inner.low, outer.low))
    if inner.high is not None and outer.high is not None and outer.high < inner.high:
        found.append((inner.high, outer.high))
    return found


def _is_from_catalogue(fields: Fields, keys: tuple[str, ...]) -> bool:
    if not fields.has("from"):
        return False
    fields.choice("from", ("catalogue",), "catalogue")
    for key in keys:
        if fields.has(key):
            fields.note(key, "from_catalogue", value=key)
    return True


def read_delta(fields: Fields, code: str, _catalogue: Catalogue) -> Delta:
    """A delta check; without a window it could compare with any past."""
    keys = ("mode", "limit", "window", "direction", "cva", "cvi", "z", "lognormal")
    if _is_from_catalogue(fields, keys):
        return Delta(code, is_from_catalogue=True)
    mode = fields.choice("mode", MODES, "percent")
    direction = fields.choice("direction", DIRECTIONS, "both")
    window = _window(fields)
    if not fields.has("window"):
        fields.note("window", "window")
    up, down = _rcv(fields) if mode == "rcv" else _one_limit(fields)
    return Delta(code, mode, up, down, timedelta(days=window or 0), direction)


def _window(fields: Fields) -> int | None:
    """Days of a window, not longer than anybody looks back."""
    window = fields.age("window")
    if window is not None and window > LOOK_BACK_DAYS:
        fields.note("window", "window_long", value=window, limit=LOOK_BACK_DAYS)
    return window


def _one_limit(fields: Fields) -> tuple[Decimal, Decimal]:
    if not fields.has("limit"):
        fields.note("limit", "missing")
    limit = fields.positive("limit") or Decimal(0)
    return limit, limit


def _rcv(fields: Fields) -> tuple[Decimal, Decimal]:
    for key in ("cva", "cvi"):
        if not fields.has(key):
            fields.note(key, "missing")
    cva, cvi = fields.positive("cva") or Decimal(0), fields.positive("cvi") or Decimal(0)
    z = fields.positive("z") or Decimal("1.96")
    return rcv_limits(cva, cvi, z, is_lognormal=fields.flag("lognormal", default=False))


def read_quality(fields: Fields, code: str, _catalogue: Catalogue) -> Quality:
    """The states that may release: an unknown or failed control never does."""
    states = fields.words("qc") or QC_STATES
    for state in states:
        if state not in QC_STATES:
            fields.note("qc", "choice", value=state, expected=", ".join(QC_STATES))
    calibration = fields.flag("calibration", default=True)
    return Quality(code, frozenset(states), calibration, fields.flag("reagent", default=True))


def read_flags(fields: Fields, code: str, _catalogue: Catalogue) -> Flags:
    """Flags by the driver's names; one that is not named holds."""
    named = fields.inner("on")
    on = {flag: named.choice(flag, FLAG_ACTIONS, "hold") for flag in named.all()}
    if not on:
        fields.note("on", "missing")
    text_en, text_ru = fields.text("text_en", ""), fields.text("text_ru", "")
    if "comment" in on.values() and not (text_en and text_ru):
        fields.note("text_en", "missing")
    return Flags(code, MappingProxyType(on), fields.whole("most", 2), text_en, text_ru)


def read_range(fields: Fields, code: str, _catalogue: Catalogue) -> MeasuringRange:
    """A measuring range: to be diluted it needs dilutions that are numbers."""
    low, high = fields.number("low"), fields.number("high")
    if low is None and high is None:
        fields.note("low", "range_empty")
    if low is not None and high is not None and low > high:
        fields.note("low", "interval_order", low=low, high=high)
    above = fields.choice("above", ABOVES, "hold")
    dilutions = fields.words("dilutions")
    for one in dilutions:
        if dilution_factor(one) is None:
            fields.note("dilutions", "type", expected='dilutions as numbers, for example "5"', value=one)
    if above == "dilute" and not dilutions:
        fields.note("dilutions", "missing")
    below = fields.choice("below", BELOWS, "hold")
    return MeasuringRange(code, low, high, above, below, dilutions)


def read_indices(fields: Fields, code: str, _catalogue: Catalogue) -> Indices:
    """An index: either suppresses from a level on, or has a measured bias with both specifications."""
    index = fields.choice("index", INDEX_NAMES, "H")
    if not fields.has("index"):
        fields.note("index", "missing")
    bias, suppress = fields.pairs("bias"), fields.number("suppress_from")
    analytical, rcv = fields.positive("analytical_percent"), fields.positive("rcv_percent")
    for low, high in pairwise(level for level, _ in bias):
        if low >= high:
            fields.note("bias", "bias_order", low=low, high=high)
    if not bias and suppress is None:
        fields.note("bias", "agreement_missing", expected="bias, suppress_from")
    for key, found in (("analytical_percent", analytical), ("rcv_percent", rcv)):
        if bias and found is None:
            fields.note(key, "missing")
    if analytical is not None and rcv is not None and analytical > rcv:
        fields.note("rcv_percent", "interval_order", low=analytical, high=rcv)
    missing = fields.choice("missing", MISSINGS, "hold")
    return Indices(code, index, bias, analytical, rcv, suppress, missing)


def read_swap(fields: Fields, code: str, catalogue: Catalogue) -> Swap:
    """A composite delta: a limit in percent for each test, perhaps a weight, and the score that holds."""
    limits, weights = fields.inner("limits"), fields.inner("weights")
    found = {}
    for test in limits.all():
        if test not in catalogue:
            limits.note(test, "unknown_test", value=test, nearest=nearest(test, set(catalogue)))
        found[test] = (limits.positive(test) or Decimal(1), weights.positive(test) or Decimal(1))
    if not found:
        fields.note("limits", "missing")
    weights.close(found)
    if not fields.has("from"):
        fields.note("from", "missing")
    window = _window(fields)
    span = SWAP_WINDOW if window is None else timedelta(days=window)
    return Swap(
        code,
        MappingProxyType(found),
        fields.whole("least", 3),
        fields.positive("from") or Decimal(1),
        span,
    )


def read_consistency(fields: Fields, code: str, catalogue: Catalogue) -> Consistency | None:
    """A condition that holds or suppresses; its words tell the doctor what it means."""
    when = fields.expression("when", catalogue)
    _require_hold(fields)
    suppress, call = fields.flag("suppress", default=False), fields.flag("call", default=True)
    missing = fields.choice("missing", MISSINGS, "skip")
    text_en, text_ru = fields.text("text_en"), fields.text("text_ru")
    if when is None:
        return None
    return Consistency(code, when, suppress, missing, call, text_en, text_ru)


def _require_hold(fields: Fields) -> None:
    """`hold` may only say what is so: a rule that shall not hold is no rule."""
    if not fields.flag("hold", default=True):
        fields.note("hold", "always_holds")


def read_exclusion(fields: Fields, code: str, _catalogue: Catalogue) -> Exclusion:
    """Patients whose results wait."""
    _require_hold(fields)
    if not fields.has("population"):
        fields.note("population", "missing")
    return Exclusion(code, fields.text("text_en", ""), fields.text("text_ru", ""))


def read_rerun(fields: Fields, code: str, catalogue: Catalogue) -> Rerun | None:
    """When to measure again, how often at most, and how near the second run must come."""
    when = fields.expression("when", catalogue)
    most = fields.whole("most", 2)
    percent, absolute = fields.positive("agree_percent"), fields.positive("agree_absolute")
    return None if when is None else Rerun(code, when, most, percent, absolute)


def read_reflex(fields: Fields, code: str, catalogue: Catalogue) -> Reflex | None:
    """Tests to be added, of the catalogue."""
    when, add = fields.expression("when", catalogue), fields.words("add")
    if not add:
        fields.note("add", "missing")
    for test in add:
        if test not in catalogue:
            fields.note("add", "unknown_test", value=test, nearest=nearest(test, set(catalogue)))
    bill = fields.flag("bill", default=True)
    consent = fields.choice("consent", CONSENTS, "policy")
    most = fields.whole("most", 1)
    return None if when is None else Reflex(code, when, add, bill, consent, most)


def read_comment(fields: Fields, code: str, catalogue: Catalogue) -> Comment | None:
    """Words in both languages."""
    when = fields.expression("when", catalogue)
    text_en, text_ru = fields.text("text_en"), fields.text("text_ru")
    return None if when is None else Comment(code, when, text_en, text_ru)


BODIES: Mapping[str, Callable[[Fields, str, Catalogue], Body | None]] = MappingProxyType(
    {
        "comment": read_comment,
        "consistency": read_consistency,
        "delta": read_delta,
        "exclusion": read_exclusion,
        "flags": read_flags,
        "indices": read_indices,
        "limits": read_limits,
        "quality": read_quality,
        "range": read_range,
        "reflex": read_reflex,
        "rerun": read_rerun,
        "swap": read_swap,
    }
)
"""Kinds of rules by the word in the document."""
NUMERIC = frozenset({"delta", "range", "indices"})
"""Kinds that make sense only for numbers."""
