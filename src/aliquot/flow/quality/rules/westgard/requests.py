"""Control results as programs and people give them, judged: the answer of `qc evaluate` and of screens.

JSON: `z_by_run` (a list of runs, each with one z for each level, null where it is missing), `z_by_level`, or
`values_by_run` with `mean` and `sd` for each level, or `points` (objects with the columns of a table). Beside
them `levels`, `rules` (a set's name, or rules by name), `warnings`, `counting`, `r4s` (classic, range, both),
`screened`, `sigma` (the Westgard Sigma Rules of that sigma).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from aliquot.flow.quality.rules.given import (
    Inputs,
    as_decimal,
    choice,
    named,
    names,
    refuse_unknown,
    truth,
    whole,
)
from aliquot.flow.quality.rules.sigma.metrics import sigma_rules
from aliquot.flow.quality.rules.westgard.definitions import Check, Variant, checks_named
from aliquot.flow.quality.rules.westgard.evaluation import (
    Judgement,
    Point,
    Verdict,
    Violation,
    judge_series,
    standardised,
)
from aliquot.flow.quality.rules.westgard.sets import SHIPPED, Counting, RuleSet, is_shipped, rule_set, shipped
from aliquot.flow.quality.rules.westgard.tables import COLUMNS, Remark, Series, not_measured, series_of
from aliquot.foundation.sheets import Cell, Table, plain
from aliquot.registers.catalogue.rules.calculators.quantities import InputError

FORMS = ("z_by_run", "z_by_level", "values_by_run", "points")
MOST_LEVELS = 9
_OPTIONS = ("levels", "rules", "warnings", "counting", "r4s", "screened", "sigma", "mean", "sd", "targets")
SPELLINGS = {
    "z": "z_by_run", "zs": "z_by_run", "z_scores": "z_by_run", "zscores": "z_by_run", "z_score": "z_by_run",
    "runs": "z_by_run", "z_runs": "z_by_run", "z_scores_by_run": "z_by_run", "z_values": "z_by_run",
    "z_scores_by_level": "z_by_level", "values": "values_by_run", "value_by_run": "values_by_run",
    "results_by_run": "values_by_run", "controls": "points", "rows": "points",
    "n_levels": "levels", "level_count": "levels", "number_of_levels": "levels", "n": "levels",
    "rule_set": "rules", "ruleset": "rules", "set": "rules", "multirule": "rules", "reject": "rules",
    "warning": "warnings", "warn": "warnings", "warning_rules": "warnings", "means": "mean", "sds": "sd",
    "r4s_mode": "r4s", "r_4s": "r4s", "r_4s_mode": "r4s", "mode": "r4s", "range_mode": "r4s",
    "exclude_rejected": "counting", "without_rejected": "counting", "target": "targets",
    "manual": "screened", "is_screened": "screened",
}  # fmt: skip
"""What else the fields are called."""

_COUNTINGS = {
    "all": "every_run", "every": "every_run", "false": "every_run", "exclude": "without_rejected",
    "exclude_rejected": "without_rejected", "true": "without_rejected", "restart": "afresh",
    "reset": "afresh",
}  # fmt: skip


def is_meant(inputs: Inputs) -> bool:
    """Whether these inputs are control results to be judged; values need a target beside them."""
    given = names(inputs, SPELLINGS)
    has_target = bool(given & {"mean", "sd", "targets"})
    return bool(given & {"z_by_run", "z_by_level", "points"}) or ("values_by_run" in given and has_target)


def answer(inputs: Inputs) -> dict[str, Any]:
    """Every flag with its run, violations with their points, rejected runs; InputError names a field."""
    found = {key: value for key, value in named(inputs, SPELLINGS).items() if value is not None}
    refuse_unknown(found, (*FORMS, *_OPTIONS))
    series = _series(found)
    levels = max(len(series.levels), 1)
    return _shown(series, _rules(found, levels))


def answer_table(table: Table, options: Inputs) -> dict[str, Any]:
    """The same for a table of people; `options` as beside JSON: rules, counting, r4s ..."""
    series = series_of(table)
    return _shown(series, _rules(named(options, SPELLINGS), max(len(series.levels), 1)))


def _series(found: Inputs) -> Series:
    given = [form for form in FORMS if form in found]
    if len(given) != 1:
        raise InputError(f"Give control results in one form: {', '.join(FORMS)}.")
    if given[0] == "points":
        return series_of(_table(found["points"], found.get("targets")))
    values = _by_run(given[0], found)
    levels = max((len(run) for run in values), default=0)
    if "levels" in found:
        levels = _stated(found["levels"], given[0], levels, values)
    if given[0] == "values_by_run":
        values = _standardised(values, found, levels)
    runs = [
        tuple(Point(number, level, z) for level, z in enumerate(run, start=1) if z is not None)
        for number, run in enumerate(values, start=1)
    ]
    if not any(runs):
        raise InputError(f"{given[0]}: there is no value in it; give one for each level of each run.")
    numbers = tuple(str(number) for number in range(1, len(runs) + 1))
    called = tuple(str(level) for level in range(1, levels + 1))
    return Series(numbers, called, tuple(runs), (), not_measured(numbers, called, runs))


def _stated(raw: Any, form: str, most: int, values: Sequence[Sequence[Any]]) -> int:
    """How many levels are said to be there; a list of them counts, too."""
    levels = len(raw) if isinstance(raw, list) else whole("levels", raw, 1, MOST_LEVELS)
    if most > levels:
        run = next(number for number, one in enumerate(values, start=1) if len(one) > levels)
        raise InputError(
            f"{form}: run {run} has {most} values where levels says {levels}; correct one of them."
        )
    return levels


def _by_run(form: str, found: Inputs) -> list[list[Decimal | None]]:
    """A line of numbers, one for each level, for each run."""
    given = found[form]
    if form == "z_by_level":
        return _turned(given)
    if isinstance(given, Mapping):
        given = list(given.values())
    if not isinstance(given, list):
        raise InputError(f"{form}: give a list of runs, each a list with one number for each level.")
    return [_run(form, number, run) for number, run in enumerate(given, start=1)]


def _run(form: str, number: int, run: Any) -> list[Decimal | None]:
    if isinstance(run, Mapping):
        run = _of_levels(form, number, run)
    line = run if isinstance(run, list) else [run]
    return [
        None if one is None else as_decimal(f"{form}, run {number}, level {level}", one)
        for level, one in enumerate(line, start=1)
    ]


def _of_levels(form: str, number: int, run: Mapping[str, Any]) -> list[Any]:
    """A run as an object whose names end with the number of the level."""
    found: dict[int, Any] = {}
    for key, value in run.items():
        digits = re.search(r"(\d)$", str(key).strip())
        if not digits or digits[1] == "0":
            raise InputError(f"{form}, run {number}: {key!r} names no level; write 1 to {MOST_LEVELS} or L1.")
        found[int(digits[1])] = value
    return [found.get(level) for level in range(1, max(found, default=0) + 1)]


def _turned(given: Any) -> list[list[Decimal | None]]:
    """Lists of levels as lists of runs; a level whose list ends early was not measured any more."""
    lists = list(given.values()) if isinstance(given, Mapping) else given
    if not isinstance(lists, list) or not all(isinstance(one, list) for one in lists):
        raise InputError("z_by_level: give for each level a list with one number for each run.")
    if len(lists) > MOST_LEVELS:
        raise InputError(f"z_by_level: {len(lists)} levels are too many; at most {MOST_LEVELS}.")
    count = max((len(one) for one in lists), default=0)
    padded = [[*one, *[None] * (count - len(one))] for one in lists]
    return [
        _run("z_by_level", number, list(run)) for number, run in enumerate(zip(*padded, strict=True), start=1)
    ]


def _standardised(
    values: Sequence[Sequence[Decimal | None]], found: Inputs, levels: int
) -> list[list[Decimal | None]]:
    targets = [_target(found, level) for level in range(1, levels + 1)]
    return [
        [
            None if value is None else standardised(value, *target)
            for value, target in zip(run, targets, strict=False)
        ]
        for run in values
    ]


def _target(found: Inputs, level: int) -> tuple[Decimal, Decimal]:
    targets = found.get("targets")
    if targets is not None:
        named_levels = {
            name: one for (_, name), one in _by_lot_and_level(targets, is_lot_known=False).items()
        }
        one = _of_level("targets", named_levels or targets, level)
        if not isinstance(one, Mapping):
            raise InputError(f"targets, level {level}: give mean and sd.")
        found = one
    mean, sd = (
        as_decimal(f"{field}, level {level}", _of_level(field, found.get(field), level))
        for field in ("mean", "sd")
    )
    if sd <= 0:
        raise InputError(f"sd, level {level}: an SD is above zero, not {sd}.")
    return mean, sd


def _by_lot_and_level(targets: Any, *, is_lot_known: bool) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Targets that name their level, by lot and level; else none. InputError for two targets of one."""
    if not isinstance(targets, list) or not all(
        isinstance(one, Mapping) and "level" in one for one in targets
    ):
        return {}
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for one in targets:
        lot, level = _text(one.get("lot")) if is_lot_known else "", _text(one["level"])
        known = found.setdefault((lot, level), one)
        if any(_text(known.get(field)) != _text(one.get(field)) for field in ("mean", "sd")):
            raise InputError(
                f"targets: level {level} of lot {lot or '-'} has two targets; leave one of them, or name in"
                " each target and each point the lot that it belongs to."
            )
    return found


def _of_level(field: str, given: Any, level: int) -> Any:
    """What is given for a level: in a list, in an object by its number, or the one value for all."""
    if isinstance(given, list):
        given = dict(enumerate(given, start=1))
    if isinstance(given, Mapping) and not {"mean", "sd"} <= given.keys():
        found = {str(key).strip().lstrip("Ll"): value for key, value in given.items()}
        given = found.get(str(level))
    if given is None:
        raise InputError(f"{field}: level {level} has none; give one for each level.")
    return given


def _table(points: Any, targets: Any) -> Table:
    """Objects as the rows of a table, with the targets of their lots and levels that stand beside them."""
    if not isinstance(points, list) or not all(isinstance(one, Mapping) for one in points):
        raise InputError(
            "points: give a list of objects with run, level, value, mean and sd, or run, level, z."
        )
    known = {plain(spelling): name for name, others in COLUMNS.items() for spelling in (name, *others)}
    lines = [{known.get(plain(str(key)), ""): value for key, value in one.items()} for one in points]
    by_place = _by_lot_and_level(targets, is_lot_known=True)
    for line in lines:
        lot, level = _text(line.get("lot")), _text(line.get("level"))
        target = by_place.get((lot, level)) or by_place.get(("", level)) or {}
        line |= {
            field: target[field] for field in ("mean", "sd") if field in target and not _text(line.get(field))
        }
    columns = frozenset(key for one in lines for key in one) - {""}
    rows = tuple(
        {name: Cell(f"{name} {number}", _text(one.get(name))) for name in sorted(columns)}
        for number, one in enumerate(lines, start=1)
    )
    return Table(columns, (), rows)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _rules(found: Inputs, levels: int) -> RuleSet:
    """The set of rules that is asked for; all of the family where nothing is."""
    if found.get("sigma") is not None:
        chosen = rule_set(sigma_rules(as_decimal("sigma", found["sigma"]), levels).names, name="sigma")
    else:
        chosen = _of_names(found.get("rules", "all"), found.get("warnings"), levels)
    counting = choice(
        "counting", str(found.get("counting", "every_run")), [one.value for one in Counting], _COUNTINGS
    )
    chosen = replace(chosen, counting=Counting(counting))
    if "screened" in found:
        chosen = replace(chosen, is_screened=truth("screened", found["screened"]))
    mode = choice("r4s", found.get("r4s", "as_named"), ["as_named", "classic", "range", "both"], {})
    return replace(chosen, rejecting=_with_range(chosen.rejecting, mode))


def _of_names(rules: Any, warnings: Any, levels: int) -> RuleSet:
    if isinstance(rules, str) and is_shipped(rules):
        return shipped(rules, levels)
    wanted = _names("rules", rules)
    warned = ["1-2s"] if warnings is None else _names("warnings", warnings)
    warning = rule_set(warned).rejecting
    rejecting = tuple(one for one in rule_set(wanted).rejecting if one not in warning)
    kept = (
        warning
        if warnings is not None
        else tuple(one for one in warning if one in rule_set(wanted).rejecting)
    )
    return RuleSet("own", rejecting, kept)


def _names(field: str, given: Any) -> list[str]:
    if isinstance(given, str):
        given = [one for one in re.split(r"[/;,\s]+(?![^(]*\))", given) if one]
    is_none = not given and field == "rules"
    if is_none or not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise InputError(f"{field}: give a list of rules such as 1-3s, or a set: {', '.join(SHIPPED)}.")
    return given


def _with_range(checks: tuple[Check, ...], mode: str) -> tuple[Check, ...]:
    """The same rules with R-4s read as asked."""
    if mode == "as_named":
        return checks
    wanted = {"classic": {Variant.CLASSIC}, "range": {Variant.RANGE}}.get(
        mode, {Variant.CLASSIC, Variant.RANGE}
    )
    read: dict[Check, None] = {}
    for one in checks:
        same: tuple[Check, ...] = (one,)
        if one.variant in {Variant.CLASSIC, Variant.RANGE}:
            both = (*checks_named(one.rule), *checks_named(f"{one.rule}(range)"))
            same = tuple(other for other in both if other.variant in wanted)
        read.update(dict.fromkeys(same))
    return tuple(read)


def _shown(series: Series, rules: RuleSet) -> dict[str, Any]:
    judged = judge_series(rules, enumerate(series.runs, start=1), max(len(series.levels), 1))
    violations = [one for run in judged for one in run.violations]
    flags = sorted({(one.run, one.flag) for one in violations})
    return {
        "all_flags": [[flag, _name(series.names[run - 1])] for run, flag in flags],
        "rules": [one.flag for one in (*rules.warning, *rules.rejecting)],
        "rule_set": rules.name,
        "counting": rules.counting.value,
        "levels": len(series.levels),
        "runs": len(series.runs),
        "rejected_runs": _with(judged, Verdict.REJECTED, series),
        "warned_runs": _with(judged, Verdict.WARNING, series),
        "violations": [_violation(one, series) for one in violations],
        "faults": [_remark(one) for one in series.faults],
        "missing": [_remark(one) for one in series.missing],
    }


def _with(judged: Sequence[Judgement], verdict: Verdict, series: Series) -> list[int | str]:
    return [_name(series.names[one.run - 1]) for one in judged if one.verdict is verdict]


def _violation(one: Violation, series: Series) -> dict[str, Any]:
    return {
        "flag": one.flag,
        "rule": one.rule,
        "variant": one.variant.value,
        "run": _name(series.names[one.run - 1]),
        "levels": [_name(series.levels[level - 1]) for level in one.levels],
        "error": one.error.value,
        "severity": one.severity.value,
        "points": [
            {
                "run": _name(series.names[point.run - 1]),
                "level": _name(series.levels[point.level - 1]),
                "z": point.z,
            }
            for point in one.points
        ],
    }


def _remark(one: Remark) -> dict[str, Any]:
    return {"row": one.row, "field": one.field, "text": one.message}


def _name(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() else text
