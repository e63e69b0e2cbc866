"""What a new version changes of what its recipient was told before, and until when that must be known.

Source: ISO 15189:2022, 7.4.1.8 (amended reports: users are made aware), 7.5.1 (recall of released results).
The times stand in the rule set: flow/verification/rules/correction_policy.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aliquot.flow.reports.rules.composition import TAKEN_BACK, differs
from aliquot.flow.verification.rules.correction_policy import CorrectionPolicy

Content = Mapping[str, Any]
CRITICAL: Final = frozenset({"LL", "HH"})


@dataclass(frozen=True, slots=True)
class Correction:
    """One result as the recipient knew it (`old`) and as it is now (`new`), both as in a report."""

    old: Content
    new: Content

    @property
    def is_critical(self) -> bool:
        return not CRITICAL.isdisjoint({self.old.get("flag"), self.new.get("flag")})

    @property
    def look_back(self) -> str:
        """The number of the look-back that did it, whose own notice tells it; "" for a single correction."""
        cause = self.new.get("retraction") or self.new.get("given_free") or {}
        return str(cause.get("look_back", ""))

    @property
    def reason(self) -> str:
        """Why, as the person who did it wrote."""
        before = self.new["earlier"][-1].get("retraction") if self.new.get("earlier") else None
        cause = self.new.get("retraction") or self.new.get("given_free") or before or {}
        return str(self.new.get("amend_reason") or cause.get("note") or "")


def corrections(before: Content | None, after: Content) -> list[Correction]:
    """Results said in `before` that say something else in `after`, in the order of the report.

    What was only added, or was not ready before, corrects nothing.
    """
    if before is None:
        return []
    known = {one["item_id"]: one for one in _results(before) if _was_said(one)}
    pairs = ((known.get(one["item_id"]), one) for one in _results(after))
    return [Correction(old, new) for old, new in pairs if old is not None and differs(old, new)]


def due_at(
    told_at: datetime, found: Iterable[Correction], limits: CorrectionPolicy, *, is_urgent: bool
) -> datetime:
    """Until when the recipient must have acknowledged; afterwards somebody telephones."""
    is_pressing = is_urgent or any(one.is_critical for one in found)
    return told_at + (limits.pressing if is_pressing else limits.otherwise)


def _results(content: Content) -> Iterable[Content]:
    return (one for section in content["sections"] for one in section["results"])


def _was_said(one: Content) -> bool:
    return one["status"] in ("final", "amended") or one["status"] in TAKEN_BACK
