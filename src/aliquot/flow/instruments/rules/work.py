"""What an analyzer still has to be told about a tube, from what it was told and what the tube needs now.

LIS02-A2 8.4.12: O-12 N new, A added to what the analyzer knows, C cancelled; IHE LAW LAB-28: NW, CA.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from aliquot.flow.instruments.rules.reading import Action

TOLD = frozenset({"sending", "sent", "accepted"})


@dataclass(frozen=True, slots=True)
class Told:
    """One request about a tube as the ledger keeps it; `codes` are those it asked for when it was sent."""

    kind: str
    state: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """One thing to tell an analyzer about a tube; without codes: whatever the tube needs when it is sent."""

    action: Action
    codes: tuple[str, ...] = ()


def known_codes(told: Iterable[Told]) -> set[str]:
    """Return the codes that the analyzer was told to measure and not told to leave, in order of telling."""
    known: set[str] = set()
    for one in told:
        if one.state in TOLD:
            known = known - set(one.codes) if one.kind == "cancel" else known | set(one.codes)
    return known


def plan_work(pending: Collection[str], measured: Collection[str], told: Sequence[Told]) -> list[Work]:
    """Return what has to be queued: the tests that are new to the analyzer, and those nobody wants any more.

    `pending` are the codes the tube needs now, `measured` those it had. What waits is not queued again.
    """
    known = known_codes(told)
    work = []
    is_waiting = any(one.state == "queued" and one.kind in {"new", "add"} for one in told)
    if set(pending) - known and not is_waiting:
        work.append(Work("add" if known else "new"))
    leaving = {code for one in told if one.state == "queued" and one.kind == "cancel" for code in one.codes}
    if unwanted := known - set(pending) - set(measured) - leaving:
        work.append(Work("cancel", tuple(sorted(unwanted))))
    return work


def codes_to_send(
    kind: str, wanted: Collection[str], pending: Collection[str], known: Collection[str]
) -> list[str]:
    """Return the codes of a request at the moment it is sent; none: there is nothing to tell any more.

    `known` is what other requests told. A test that was wanted again meanwhile is not cancelled.
    """
    if kind == "cancel":
        return [code for code in wanted if code not in pending]
    if kind == "rerun" or wanted:
        return [code for code in pending if not wanted or code in wanted]
    return [code for code in pending if code not in known]
