"""The report of a validation: cases, what would change on history, what never fired; plain JSON."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from aliquot.flow.results.rules.backtest.tally import HOLD, RELEASE, Tally
from aliquot.flow.verification.rules.cases import Case, Outcome, uncovered
from aliquot.flow.verification.rules.shapes import Rule


def make_report(
    rules: Sequence[Rule],
    outcomes: Sequence[Outcome],
    tally: Tally,
    *,
    stated: Sequence[Rule] | None = None,
    since: datetime,
    until: datetime,
    laboratory: str,
    codes: Mapping[int, str],
    orders: Mapping[int, str] | None = None,
) -> dict[str, Any]:
    """What a director reads before signing; `codes` are tests by id, `orders` numbers of orders by id.

    `stated` are the rules that need cases of their own: all, unless some are inherited.
    """
    return {
        "cases": _cases(rules if stated is None else stated, outcomes),
        "history": {
            "since": since.isoformat(),
            "until": until.isoformat(),
            "laboratory": laboratory,
            "decided": tally.decided,
            "before": dict(sorted(tally.before.items())),
            "after": dict(sorted(tally.after.items())),
            "changed": _changes(tally, codes, orders or {}),
            "by_reason": _reasons(tally),
            "by_test": _tests(tally, codes),
        },
        "rules": [{"code": one.code, "kind": one.kind, "fired": tally.fired[one.code]} for one in rules],
        "never_fired": [one.code for one in rules if not tally.fired[one.code]],
    }


def _cases(rules: Sequence[Rule], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "run": len(outcomes),
        "failed": sum(not one.passed for one in outcomes),
        "outcomes": [_outcome(one.case, one) for one in outcomes],
        "uncovered": uncovered(rules, [one.case for one in outcomes]),
    }


def _outcome(case: Case, one: Outcome) -> dict[str, Any]:
    return {
        "rule": case.rule,
        "title": case.title,
        "test": case.test,
        "value": case.value,
        "fires": case.fires,
        "expect": case.expect,
        "passed": one.passed,
        "action": one.verdict.action,
        "fired": list(one.verdict.rules),
        "reasons": [reason.as_json() for reason in one.verdict.reasons],
    }


def _changes(tally: Tally, codes: Mapping[int, str], orders: Mapping[int, str]) -> list[dict[str, Any]]:
    return [
        {
            "from": was,
            "to": now,
            "cause": cause,
            "count": count,
            "examples": [
                {**one, "test": codes.get(one["test"], ""), "order": orders.get(one["order"], "")}
                for one in tally.examples.get((was, now, cause), ())
            ],
        }
        for (was, now, cause), count in sorted(tally.changes.items(), key=lambda one: (-one[1], one[0]))
    ]


def _reasons(tally: Tally) -> list[dict[str, Any]]:
    named = tally.reasons_before.keys() | tally.reasons_after.keys()
    rows = [(tally.reasons_after[code], tally.reasons_before[code], code) for code in named]
    return [{"code": code, "before": was, "after": now} for now, was, code in sorted(rows, reverse=True)]


def _tests(tally: Tally, codes: Mapping[int, str]) -> list[dict[str, Any]]:
    by_test: dict[int, Counter[str]] = {}
    for (test, was, now), count in tally.by_test.items():
        kept = by_test.setdefault(test, Counter())
        kept["results"] += count
        kept["released_before"] += count if was == RELEASE else 0
        kept["released_after"] += count if now == RELEASE else 0
        kept["newly_released"] += count if (was, now) == (HOLD, RELEASE) else 0
        kept["newly_held"] += count if was == RELEASE and now != RELEASE else 0
    named = sorted((codes.get(test, str(test)), counts) for test, counts in by_test.items())
    fields = ("results", "released_before", "released_after", "newly_released", "newly_held")
    return [{"code": code, **{name: counts[name] for name in fields}} for code, counts in named]
