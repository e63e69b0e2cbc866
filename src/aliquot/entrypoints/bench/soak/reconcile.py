"""Whether what the devices remember and what the laboratory keeps are the same, record by record. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from aliquot.entrypoints.bench.soak.content import digest
from aliquot.entrypoints.bench.soak.journal import QUESTION, Note
from aliquot.entrypoints.bench.soak.plan import Expected

EXAMPLES = 5  # of each difference that are named
# why a stretch of a bad line waits for a person; nothing of it may ever be filed
LINE_PROBLEMS = frozenset({"incomplete", "frame_refused", "unintelligible"})
# a question that came while the database was away, or was asked again before its answer could be given
UNANSWERED = "undelivered"


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message of the ledger."""

    device: str
    content: bytes
    state: str
    problem: str
    detail: str


@dataclass(frozen=True, slots=True)
class KeptReading:
    """A reading of the ledger, and how many results came of it."""

    device: str
    specimen: str
    code: str
    value: str
    state: str
    reason: str
    results: int


@dataclass(slots=True)
class Account:
    """Counts of everything, and every difference in words; without differences the books agree."""

    counts: dict[str, Any] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def differ(self, words: str, found: Iterable[object]) -> None:
        """Note that these are not as they should be, with some of them by name."""
        rows = list(found)
        if rows:
            named = "; ".join(str(one) for one in rows[:EXAMPLES])
            self.differences.append(f"{len(rows)} {words}: {named}")


def reconcile(
    notes: Sequence[Note],
    expected: Mapping[str, Sequence[Expected]],
    messages: Sequence[KeptMessage],
    readings: Sequence[KeptReading],
) -> Account:
    """Compare the devices' journals and what was expected of every result with the ledger.

    `expected` has, by device, every result of the messages that are done.
    """
    account = Account()
    _compare_messages(account, notes, messages)
    _compare_readings(account, expected, readings)
    return account


def _compare_messages(account: Account, notes: Sequence[Note], messages: Sequence[KeptMessage]) -> None:
    sent = {(one.device, one.digest) for one in notes if one.what == "sent"}
    acknowledged = {(one.device, one.digest) for one in notes if one.what == "acknowledged"}
    kept: dict[tuple[str, str], list[KeptMessage]] = defaultdict(list)
    broken: Counter[str] = Counter()
    strange = []
    for one in messages:
        if one.state == "quarantined" and one.problem in LINE_PROBLEMS:
            broken[one.problem] += 1
        elif one.state == "quarantined" and one.problem != UNANSWERED:
            strange.append((one.device, one.problem, one.detail))
        else:
            kept[one.device, digest(one.content)].append(one)
    account.differ("messages wait for a person without a cause on the line", strange)
    account.differ("acknowledged messages are not in the ledger", acknowledged - set(kept))
    account.differ("messages of the ledger were never sent like this", set(kept) - sent)
    results = {(one.device, one.digest) for one in notes if one.what == "sent" and one.detail != QUESTION}
    account.differ("messages were sent and never acknowledged", results - acknowledged)
    account.differ("copies of a message were read twice", _read_twice(messages))
    account.differ("messages were never read", [one for one in messages if one.state == "received"])
    account.counts["messages"] = {
        "sent": len(sent),
        "sent_times": sum(one.what == "sent" for one in notes),
        "acknowledged": len(acknowledged),
        "acknowledged_times": sum(one.what == "acknowledged" for one in notes),
        "given_back": sum(one.what == "undelivered" for one in notes),
        "kept": len(kept),
        "kept_times": sum(map(len, kept.values())),
        "by_state": dict(sorted(Counter(one.state for one in messages).items())),
        "quarantined_because": dict(sorted(broken.items())),
    }


def _read_twice(messages: Sequence[KeptMessage]) -> list[object]:
    """Messages of results that were read more than once, whatever ends their lines; questions may be."""
    read = Counter((one.device, digest(one.content)) for one in messages if one.state == "filed")
    return [key for key, times in read.items() if times > 1]


def _compare_readings(
    account: Account, expected: Mapping[str, Sequence[Expected]], readings: Sequence[KeptReading]
) -> None:
    wanted = {(device, one.specimen, one.code): one for device, found in expected.items() for one in found}
    by_fate: dict[tuple[str, str, str], list[KeptReading]] = defaultdict(list)
    for one in readings:
        if one.state not in {"duplicate", "kept"}:
            by_fate[one.device, one.specimen, one.code].append(one)
    account.differ("results are lost", [key for key in wanted if key not in by_fate])
    account.differ("readings nobody sent", [key for key in by_fate if key not in wanted])
    account.differ("results are there twice", [key for key, found in by_fate.items() if len(found) > 1])
    pairs = [(wanted[key], one) for key, found in by_fate.items() if key in wanted for one in found]
    account.differ("values differ", [(a, b.value) for a, b in pairs if not _is_same(a.value, b.value)])
    account.differ("met another fate", [(a, b.state, b.reason) for a, b in pairs if not _is_fate(a, b)])
    account.differ(
        "filed readings have no result, or several",
        [one for one in readings if one.results != (one.state == "filed")],
    )
    account.counts["results"] = {
        "sent": len(wanted),
        "by_state": dict(sorted(Counter(one.state for one in readings).items())),
        "quarantined_because": dict(
            sorted(Counter(one.reason for one in readings if one.state == "quarantined").items())
        ),
        "results": sum(one.results for one in readings),
    }


def _is_fate(wanted: Expected, one: KeptReading) -> bool:
    return one.state == wanted.fate and (wanted.fate != "quarantined" or one.reason == wanted.reason)


def _is_same(sent: str, kept: str) -> bool:
    try:
        return Decimal(sent) == Decimal(kept)
    except InvalidOperation:
        return sent.strip() == kept.strip()
