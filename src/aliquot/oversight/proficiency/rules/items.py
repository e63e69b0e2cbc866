"""One item of a round: the value assigned to it, and every participant's score.

Source: ISO 13528:2015, 7 (assigned value), 8 (standard deviation for the assessment), 9, 11.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from aliquot.oversight.proficiency.rules.events import allowed_deviation
from aliquot.oversight.proficiency.rules.grades import agree, consensus_word
from aliquot.oversight.proficiency.rules.scores import (
    Signal,
    d_percent,
    en_score,
    needs_z_prime,
    sdi,
    signal_of,
    z_prime,
    z_score,
    zeta_score,
)

CONSENSUS_AT_LEAST = 12
"""Results a consensus needs unless a round says otherwise. Source: ISO 13528:2015, annex D.1."""
_DIGITS = 12
_EXPANDED = 2


class Basis(StrEnum):
    """Where the assigned value comes from. Source: ISO 13528:2015, 7.3-7.7."""

    FORMULATION = "formulation"
    REFERENCE = "reference"
    EXPERT = "expert"
    CONSENSUS = "consensus"


class Estimator(StrEnum):
    """How the consensus is found. Source: ISO 13528:2015, annex C."""

    ALGORITHM_A = "algorithm_a"
    Q_HAMPEL = "q_hampel"


class Reason(StrEnum):
    """Why something was not scored, or not as asked."""

    FEW = "few_participants"
    NO_SPREAD = "no_spread"
    NO_SIGMA = "no_sigma"
    NO_VALUE = "no_value"
    NOT_A_NUMBER = "not_a_number"
    UNCERTAIN = "assigned_value_uncertain"
    SMALL_GROUP = "small_group"
    NO_AGREEMENT = "no_agreement"


@dataclass(frozen=True, slots=True)
class Entry:
    """What one participant returned: a number with its standard uncertainty, or words; nothing: not returned.

    `group` is the method (analyzer, reagent) it is compared within.
    """

    participant: str
    value: Decimal | None = None
    text: str = ""
    u: Decimal | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """How an item is judged; what is None is found from the participants, or not used.

    `sigma` is the SD for the assessment; without it a third of the allowed deviation, then the robust SD.
    A consensus needs `at_least` results; by `is_grouped` a method with so many results is judged by its own.
    """

    basis: Basis = Basis.CONSENSUS
    assigned: Decimal | None = None
    u_assigned: Decimal | None = None
    sigma: Decimal | None = None
    limit: Decimal | None = None
    limit_percent: Decimal | None = None
    expected: str = ""
    grades: tuple[str, ...] = ()
    allowed_grades: int = 0
    is_quantitative: bool = True
    is_grouped: bool = False
    at_least: int = CONSENSUS_AT_LEAST
    estimator: Estimator = Estimator.ALGORITHM_A


@dataclass(frozen=True, slots=True)
class Assigned:
    """The value assigned with its standard uncertainty, the SD for the assessment, and what the results said.

    `mean` and `s_star` are the robust mean and SD of the `count` results, None for too few.
    """

    value: Decimal
    u: Decimal | None
    sigma: Decimal | None
    allowed: Decimal | None
    basis: Basis
    count: int
    mean: Decimal | None = None
    s_star: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """One participant's scores and what they say; `judged_by` is z, z_prime, limit or words."""

    participant: str
    signal: Signal
    judged_by: str = ""
    reason: Reason | None = None
    group: str = ""
    z: Decimal | None = None
    z_prime: Decimal | None = None
    zeta: Decimal | None = None
    en: Decimal | None = None
    sdi: Decimal | None = None
    d_percent: Decimal | None = None
    distance: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """An item as it was judged: overall, by group, by participant; and what stood in the way.

    `further` are the scores of results that were judged by the same value without counting towards it.
    """

    assigned: Assigned | None
    expected: str
    groups: Mapping[str, Assigned]
    scored: tuple[Scored, ...]
    reasons: tuple[Reason, ...]
    further: tuple[Scored, ...] = ()


def score_item(entries: Sequence[Entry], target: Target, further: Sequence[Entry] = ()) -> Outcome:
    """The value assigned and the score of every participant, in the order given.

    `further` are results of participants' other analyzers: scored, but a laboratory counts once towards a
    consensus, however many analyzers it has. Source: ISO 13528:2015, 7.7.1 (one result of each participant).
    """
    return (_numbers if target.is_quantitative else _words)(entries, target, further)


def assign(entries: Sequence[Entry], target: Target) -> tuple[Assigned | None, Reason | None]:
    """The value of an item, or why there is none. Source: ISO 13528:2015, 7 and 8."""
    values = [float(one.value) for one in entries if one.value is not None]
    mean, spread, why = _consensus(values, target)
    value, u = target.assigned, target.u_assigned
    if value is None:
        if target.basis is not Basis.CONSENSUS:
            return None, Reason.NO_VALUE
        if mean is None or spread is None:
            return None, why
        from aliquot.oversight.proficiency.rules.robust import uncertainty_of_mean

        value, u = mean, _decimal(uncertainty_of_mean(float(spread), len(values)))
    allowed = _allowed(value, target)
    sigma = target.sigma or (allowed / 3 if allowed else spread)
    found = Assigned(value, u, sigma or None, allowed, target.basis, len(values), mean, spread)
    return found, None if found.sigma else Reason.NO_SIGMA


def _allowed(value: Decimal, target: Target) -> Decimal | None:
    if target.limit is None and target.limit_percent is None:
        return None
    return allowed_deviation(value, absolute=target.limit, percent=target.limit_percent)


def _consensus(
    values: Sequence[float], target: Target
) -> tuple[Decimal | None, Decimal | None, Reason | None]:
    """Robust mean and SD, or why there is none; NumPy and SciPy are loaded only where a round is scored."""
    from aliquot.oversight.proficiency.rules.robust import NoSpreadError

    if len(values) < max(2, target.at_least):
        return None, None, Reason.FEW
    try:
        mean, spread = _ESTIMATORS[target.estimator](values)
    except NoSpreadError:
        return None, None, Reason.NO_SPREAD
    return _decimal(mean), _decimal(spread), None


def _by_algorithm_a(values: Sequence[float]) -> tuple[float, float]:
    from aliquot.oversight.proficiency.rules.robust import Stop, algorithm_a

    found = algorithm_a(values, stop=Stop())
    return found.x_star, found.s_star


def _by_q_and_hampel(values: Sequence[float]) -> tuple[float, float]:
    from aliquot.oversight.proficiency.rules.robust import hampel_mean, q_method

    spread = q_method(values)
    return hampel_mean(values, spread), spread


_ESTIMATORS: Mapping[Estimator, Callable[[Sequence[float]], tuple[float, float]]] = {
    Estimator.ALGORITHM_A: _by_algorithm_a,
    Estimator.Q_HAMPEL: _by_q_and_hampel,
}


def _numbers(entries: Sequence[Entry], target: Target, further: Sequence[Entry]) -> Outcome:
    overall, why = assign(entries, target)
    groups = _groups(entries, target)
    scored, others = (
        tuple(_scored(one, overall, groups, target, why) for one in several) for several in (entries, further)
    )
    uncertain = overall is not None and bool(overall.u and overall.sigma) and _is_uncertain(overall)
    reasons = [*([why] if why else []), *([Reason.UNCERTAIN] if uncertain else [])]
    return Outcome(overall, "", groups, scored, tuple(reasons), others)


def _is_uncertain(found: Assigned) -> bool:
    return needs_z_prime(found.u or Decimal(0), found.sigma or Decimal(0))


def _groups(entries: Sequence[Entry], target: Target) -> dict[str, Assigned]:
    """What each method with enough results says of itself; without a given SD for the assessment, its own."""
    own = target if not target.is_grouped else replace(target, assigned=None, basis=Basis.CONSENSUS)
    members: dict[str, list[Entry]] = {}
    for one in entries:
        members.setdefault(one.group, []).append(one)
    members.pop("", None)
    found = {name: assign(members[name], own)[0] for name in sorted(members)}
    return {name: one for name, one in found.items() if one is not None and one.mean is not None}


def _scored(
    entry: Entry,
    overall: Assigned | None,
    groups: Mapping[str, Assigned],
    target: Target,
    why: Reason | None,
) -> Scored:
    if entry.value is None:
        missed = not entry.text
        return Scored(
            entry.participant,
            Signal.MISSING if missed else Signal.NOT_SCORED,
            reason=None if missed else Reason.NOT_A_NUMBER,
            group=entry.group,
        )
    group = groups.get(entry.group)
    judge = group if target.is_grouped and group is not None else overall
    is_small = target.is_grouped and group is None and bool(entry.group)
    if judge is None:
        return Scored(entry.participant, Signal.NOT_SCORED, reason=why, group=entry.group)
    scored = _judged(entry, entry.value, judge, group or overall)
    return replace(scored, reason=Reason.SMALL_GROUP) if is_small and scored.reason is None else scored


def _judged(entry: Entry, value: Decimal, judge: Assigned, peers: Assigned | None) -> Scored:
    """All scores that can be had; the signal by the limit, else by z' where u demands it, else by z."""
    zeta, en = _uncertain_scores(entry, value, judge)
    scored = Scored(
        entry.participant,
        Signal.NOT_SCORED,
        reason=Reason.NO_SIGMA,
        group=entry.group,
        zeta=zeta,
        en=en,
        sdi=_index(value, peers),
        d_percent=d_percent(value, judge.value) if judge.value else None,
    )
    if judge.sigma is None:
        return scored
    z = z_score(value, judge.value, judge.sigma)
    primed = None if judge.u is None else z_prime(value, judge.value, judge.sigma, judge.u)
    judged_by = "z"
    signal = signal_of(z)
    if judge.allowed:
        judged_by, signal = "limit", _by_limit(value - judge.value, judge.allowed, signal)
    elif primed is not None and _is_uncertain(judge):
        judged_by, signal = "z_prime", signal_of(primed)
    return replace(scored, signal=signal, judged_by=judged_by, reason=None, z=z, z_prime=primed)


def _by_limit(deviation: Decimal, allowed: Decimal, by_z: Signal) -> Signal:
    """Past the allowed deviation action is due, not before; near it, as z says, a warning."""
    if abs(deviation) > allowed:
        return Signal.ACTION
    return Signal.ACCEPTABLE if by_z is Signal.ACCEPTABLE else Signal.WARNING


def _uncertain_scores(entry: Entry, value: Decimal, judge: Assigned) -> tuple[Decimal | None, Decimal | None]:
    """Zeta and En where both uncertainties are known and not both 0."""
    if entry.u is None or judge.u is None or not (entry.u or judge.u):
        return None, None
    zeta = zeta_score(value, judge.value, entry.u, judge.u)
    return zeta, en_score(value, judge.value, _EXPANDED * entry.u, _EXPANDED * judge.u)


def _index(value: Decimal, peers: Assigned | None) -> Decimal | None:
    if peers is None or peers.mean is None or not peers.s_star:
        return None
    return sdi(value, peers.mean, peers.s_star)


def _words(entries: Sequence[Entry], target: Target, further: Sequence[Entry]) -> Outcome:
    said = [one.text for one in entries if one.text]
    expected = target.expected
    why: Reason | None = None
    if not expected and target.basis is Basis.CONSENSUS:
        expected = (consensus_word(said, target.grades) or "") if len(said) >= target.at_least else ""
        why = None if expected else (Reason.FEW if len(said) < target.at_least else Reason.NO_AGREEMENT)
    elif not expected:
        why = Reason.NO_VALUE
    scored, others = (
        tuple(_agreed(one, expected, target, why) for one in several) for several in (entries, further)
    )
    return Outcome(None, expected, {}, scored, (why,) if why else (), others)


def _agreed(entry: Entry, expected: str, target: Target, why: Reason | None) -> Scored:
    if not entry.text:
        return Scored(entry.participant, Signal.MISSING, group=entry.group)
    if why is not None:
        return Scored(entry.participant, Signal.NOT_SCORED, reason=why, group=entry.group)
    found = agree(entry.text, expected, grades=target.grades, allowed_grades=target.allowed_grades)
    return Scored(entry.participant, found.signal, "words", group=entry.group, distance=found.distance)


def acceptable_percent(signals: Iterable[Signal]) -> Decimal | None:
    """The share of acceptable items of an event: a warning counts as acceptable, a missing result does not.

    None where nothing could be scored. Source: ISO 13528:2015, 9.4.2; 42 CFR 493.2.
    """
    counted = [one for one in signals if one is not Signal.NOT_SCORED]
    good = sum(one in {Signal.ACCEPTABLE, Signal.WARNING} for one in counted)
    return Decimal(100 * good) / len(counted) if counted else None


def _decimal(value: float) -> Decimal:
    return Decimal(f"{value:.{_DIGITS}g}")
