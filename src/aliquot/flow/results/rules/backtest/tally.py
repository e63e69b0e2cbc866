"""What a rule set would have done: decisions by action, reason, test and rule, with examples."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aliquot.flow.results.rules.backtest.replay import Kept
from aliquot.flow.verification.rules.decision import Verdict

MOST_EXAMPLES = 6
"""Examples kept of each change (from, to, first rule)."""
RELEASE, HOLD = "release", "hold"
Example = dict[str, Any]
Change = tuple[str, str, str]


@dataclass(slots=True)
class Tally:
    """Counts of one process; those of several are added."""

    decided: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    by_test: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    reasons_before: Counter[str] = field(default_factory=Counter)
    reasons_after: Counter[str] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    changes: Counter[Change] = field(default_factory=Counter)
    examples: dict[Change, list[Example]] = field(default_factory=dict)

    def count(self, row: Kept, verdict: Verdict) -> None:
        """One result, as it was decided then and as it would be now."""
        was, now = RELEASE if row.is_automatic else HOLD, verdict.action
        self.decided += 1
        self.before[was] += 1
        self.after[now] += 1
        self.by_test[row.test_id, was, now] += 1
        if row.before:
            self.reasons_before.update(set(row.before))
        if verdict.reasons:
            self.reasons_after.update({one.code for one in verdict.reasons})
        self.fired.update(verdict.rules)
        if was != now:
            self._changed((was, now, _cause(verdict)), row, verdict)

    def add(self, other: "Tally") -> None:
        """Take over what another process counted."""
        self.decided += other.decided
        for name in ("before", "after", "by_test", "reasons_before", "reasons_after", "fired", "changes"):
            getattr(self, name).update(getattr(other, name))
        for change, examples in other.examples.items():
            kept = self.examples.setdefault(change, [])
            kept.extend(examples[: MOST_EXAMPLES - len(kept)])

    def _changed(self, change: Change, row: Kept, verdict: Verdict) -> None:
        self.changes[change] += 1
        kept = self.examples.setdefault(change, [])
        if len(kept) < MOST_EXAMPLES:
            kept.append(
                {
                    "result": row.result_id,
                    "order": row.order_id,
                    "test": row.test_id,
                    "value": row.value_text,
                    "unit": row.unit,
                    "reasons": [one.as_json() for one in verdict.reasons],
                    "before": list(row.before or ()),
                }
            )


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    found = Tally()
    for one in tallies:
        found.add(one)
    return found


def _cause(verdict: Verdict) -> str:
    """The rule behind the first reason, or the reason's code where no rule stands behind it."""
    first = verdict.reasons[0] if verdict.reasons else None
    return (first.rule or first.code) if first else ""
