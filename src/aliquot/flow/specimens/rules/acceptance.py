"""Whether what arrived is fit, test by test."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Any


class Lane(Enum):
    """How the specimen was kept on its way: 15-25 C, 2-8 C, -20 C and below."""

    ROOM = "room"
    COLD = "cold"
    FROZEN = "frozen"


class Outcome(Enum):
    """What becomes of one test. A concession is measured, marked, and answered for by the clinician."""

    ACCEPT = "accept"
    HOLD = "hold"
    CONCESSION = "concession"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code of the catalogue's rejection reasons ("" for a hold), and a message id for `values`."""

    code: str
    text: str
    values: tuple[tuple[str, str], ...] = ()

    @property
    def message(self) -> str:
        """The reason in English; a screen translates `text` instead."""
        return self.text % dict(self.values)

    def as_json(self) -> dict[str, Any]:
        """The reason as a test keeps it: a code of SENTENCES and the values of its sentence."""
        return {"code": _CODES[self.text], "values": dict(self.values)}


@dataclass(frozen=True, slots=True)
class TestLimits:
    """What one test asks of its specimen; minutes of stability, None where nobody knows a figure.

    `unspun_*` count from collection to the centrifuge, `stable_*` from collection to now: after the
    centrifuge for a test that needs it, whole otherwise. `spoilt_by` are reason codes that make it unfit.
    """

    __test__ = False  # not a test case, whatever its name says to pytest

    code: str
    container: str
    volume_ul: int
    needs_spinning: bool = False
    unspun_room_minutes: int | None = None
    unspun_cold_minutes: int | None = None
    stable_room_minutes: int | None = None
    stable_cold_minutes: int | None = None
    stable_frozen_minutes: int | None = None
    spoilt_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ConditionFacts:
    """What reception sees. `observed` are codes of rejection reasons; `volume_ul` None is "enough".

    Volume is counted in the order of `tests`: put first what matters most.
    """

    container: str
    judged_at: datetime
    tests: tuple[TestLimits, ...]
    collected_at: datetime | None = None
    spun_at: datetime | None = None
    lane: Lane = Lane.ROOM
    volume_ul: int | None = None
    observed: frozenset[str] = frozenset()
    is_irreplaceable: bool = False


@dataclass(frozen=True, slots=True)
class TestVerdict:
    """One test's outcome and every reason for it."""

    __test__ = False  # not a test case, whatever its name says to pytest

    test: str
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()


SPOILS_EVERYTHING = frozenset(
    {"UNLAB", "MISID", "MISREQ", "FEWID", "LEAK", "CONT", "BCCONT", "NOTREC", "WTYPE"}
)
"""Observations that concern the whole specimen, whatever the test."""

NEVER_CONCEDED = frozenset({"MISID", "MISREQ", "NOTREC", "INSUF"})
"""Another patient's specimen and a specimen that is not there are never measured."""

OBSERVED_ALL = "The specimen is unfit as a whole: %(code)s."
OBSERVED_TEST = "What was seen (%(code)s) makes it unfit for %(test)s."
WRONG_CONTAINER = "%(test)s needs the container %(needed)s and this is %(found)s."
TOO_LITTLE = "%(test)s needs %(needed)s µL and %(found)s µL are left."
TOO_OLD = "%(test)s is stable for %(limit)s min in this state and %(found)s min have passed."
WRONG_LANE = "%(test)s must not be kept in this lane (%(lane)s) in this state."
NO_FIGURE = "No stability figure for %(test)s in this lane (%(lane)s) and state: a person decides."
NO_COLLECTION_TIME = "The time of collection is missing, so stability cannot be shown: a person decides."
TIMES_DISAGREE = "The times of collection, spinning and arrival contradict each other: a person decides."

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "observed_all": OBSERVED_ALL,
        "observed_test": OBSERVED_TEST,
        "wrong_container": WRONG_CONTAINER,
        "too_little": TOO_LITTLE,
        "too_old": TOO_OLD,
        "wrong_lane": WRONG_LANE,
        "no_figure": NO_FIGURE,
        "no_collection_time": NO_COLLECTION_TIME,
        "times_disagree": TIMES_DISAGREE,
    }
)
"""The sentence of each finding that a test keeps, by its code."""
LANES: Mapping[str, str] = MappingProxyType(
    {lane.value: text for lane, text in zip(Lane, ("room temperature", "2-8 °C", "frozen"), strict=True)}
)
"""What a lane is called in a sentence."""
_CODES: Mapping[str, str] = {text: code for code, text in SENTENCES.items()}


def findings_words(kept: Iterable[Mapping[str, Any]], translate: Callable[[str], str] = str) -> str:
    """The sentences of kept findings, one after another, in the language of `translate`."""
    return " ".join(_finding_words(one, translate) for one in kept if one.get("code") in SENTENCES)


def _finding_words(one: Mapping[str, Any], translate: Callable[[str], str]) -> str:
    values = dict(one["values"])
    if lane := LANES.get(values.get("lane", "")):
        values["lane"] = translate(lane)
    return translate(SENTENCES[one["code"]]) % values


def judge_condition(facts: ConditionFacts) -> tuple[TestVerdict, ...]:
    """For each test, in order: accept, hold for a person, concede or reject, with all the reasons.

    A specimen is rejected by test, because stability and interference differ by analyte; an irreplaceable
    one is conceded instead, unless it may be another patient's or is not there. Without a figure or a time
    nothing is accepted by silence. Sources: ISO 15189:2022, 7.2.6.2 and 7.2.7.2; stability as in the
    catalogue.
    """
    left = facts.volume_ul
    verdicts = []
    for test in facts.tests:
        short = left is not None and test.volume_ul > left
        reasons = (*_condition(facts, test), *_volume(test, left), *_age(facts, test))
        if left is not None and not short:
            left -= test.volume_ul
        verdicts.append(TestVerdict(test.code, _outcome(reasons, facts), reasons))
    return tuple(verdicts)


def keeps_until(facts: ConditionFacts, test: TestLimits) -> datetime | None:
    """Until when a test may be done from a specimen that is fit for it now; None when it is not fit.

    Source: ISO 15189:2022, 7.2.7.3 (time limits for requesting additional examinations on a sample).
    """
    (verdict,) = judge_condition(replace(facts, tests=(test,)))
    if verdict.outcome is not Outcome.ACCEPT or facts.collected_at is None:
        return None
    is_whole = test.needs_spinning and not facts.spun_at
    limit = _unspun(facts, test) if is_whole else _stable(facts.lane, test)
    return None if limit is None else facts.collected_at + timedelta(minutes=limit)


def _outcome(reasons: tuple[Reason, ...], facts: ConditionFacts) -> Outcome:
    codes = {reason.code for reason in reasons if reason.code}
    if not codes:
        return Outcome.HOLD if reasons else Outcome.ACCEPT
    conceded = facts.is_irreplaceable and not codes & NEVER_CONCEDED
    return Outcome.CONCESSION if conceded else Outcome.REJECT


def _condition(facts: ConditionFacts, test: TestLimits) -> Iterator[Reason]:
    for code in sorted(facts.observed & SPOILS_EVERYTHING):
        yield Reason(code, OBSERVED_ALL, (("code", code),))
    for code in sorted((facts.observed & test.spoilt_by) - SPOILS_EVERYTHING):
        yield Reason(code, OBSERVED_TEST, (("code", code), ("test", test.code)))
    for code in sorted(facts.observed & {"TEMP", "STORE", "TIME"}):
        yield Reason(code, OBSERVED_TEST, (("code", code), ("test", test.code)))
    if facts.container != test.container:
        values = (("found", facts.container), ("needed", test.container), ("test", test.code))
        yield Reason("WCONT", WRONG_CONTAINER, values)


def _volume(test: TestLimits, left: int | None) -> Iterator[Reason]:
    if left is not None and test.volume_ul > left:
        values = (("found", str(left)), ("needed", str(test.volume_ul)), ("test", test.code))
        yield Reason("INSUF", TOO_LITTLE, values)


def _age(facts: ConditionFacts, test: TestLimits) -> Iterator[Reason]:
    if facts.collected_at is None:
        yield Reason("", NO_COLLECTION_TIME)
        return
    moments = [moment for moment in (facts.collected_at, facts.spun_at, facts.judged_at) if moment]
    if moments != sorted(moments):
        yield Reason("", TIMES_DISAGREE)
        return
    if test.needs_spinning:
        yield from _span(facts, test, facts.spun_at or facts.judged_at, _unspun(facts, test))
    if facts.spun_at or not test.needs_spinning:
        yield from _span(facts, test, facts.judged_at, _stable(facts.lane, test))


def _span(facts: ConditionFacts, test: TestLimits, until: datetime, limit: int | None) -> Iterator[Reason]:
    assert facts.collected_at is not None
    passed = -((facts.collected_at - until) // timedelta(minutes=1))  # a begun minute counts
    if limit is None:
        yield Reason("", NO_FIGURE, (("lane", facts.lane.value), ("test", test.code)))
    elif limit == 0 and passed:
        yield Reason("TEMP", WRONG_LANE, (("lane", facts.lane.value), ("test", test.code)))
    elif passed > limit:
        yield Reason("OLD", TOO_OLD, (("found", str(passed)), ("limit", str(limit)), ("test", test.code)))


def _unspun(facts: ConditionFacts, test: TestLimits) -> int | None:
    # what is spun at the collection point stood at room temperature until then, whatever lane it travelled in
    if facts.spun_at or facts.lane is Lane.ROOM:
        return test.unspun_room_minutes
    return test.unspun_cold_minutes if facts.lane is Lane.COLD else None


def _stable(lane: Lane, test: TestLimits) -> int | None:
    return {
        Lane.ROOM: test.stable_room_minutes,
        Lane.COLD: test.stable_cold_minutes,
        Lane.FROZEN: test.stable_frozen_minutes,
    }[lane]
