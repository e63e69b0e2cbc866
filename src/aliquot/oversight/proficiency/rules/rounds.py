"""A whole round from its lines: each sample and test by itself, then each participant over all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from aliquot.oversight.proficiency.rules.entries import Line
from aliquot.oversight.proficiency.rules.items import Outcome, Scored, Target, acceptable_percent, score_item

Item = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """One item of a round: its sample and test, its lines, and what came of them."""

    sample: str
    test: str
    lines: tuple[Line, ...]
    outcome: Outcome


def score_lines(lines: Sequence[Line], default: Target) -> list[Judged]:
    """Every item of the lines, as they first stand; what a line says of its item goes before `default`.

    An item whose results are words, without one number, is judged as words.
    """
    items: dict[Item, list[Line]] = {}
    for line in lines:
        items.setdefault(line.item, []).append(line)
    return [
        Judged(sample, test, tuple(own), score_item([one.entry for one in own], _target(own, default)))
        for (sample, test), own in items.items()
    ]


def percent_by_participant(judged: Iterable[Judged]) -> dict[str, Decimal | None]:
    """The share of acceptable items of each participant, over all items of the round."""
    scored: dict[str, list[Scored]] = {}
    for item in judged:
        for one in item.outcome.scored:
            scored.setdefault(one.participant, []).append(one)
    return {name: acceptable_percent(one.signal for one in own) for name, own in scored.items()}


def _target(lines: Sequence[Line], default: Target) -> Target:
    said = [one.entry for one in lines if one.entry.text]
    only_words = bool(said) and all(one.value is None for one in said)
    assigned = next((one.assigned for one in lines if one.assigned is not None), default.assigned)
    u_assigned = next((one.u_assigned for one in lines if one.u_assigned is not None), default.u_assigned)
    sigma = next((one.sigma for one in lines if one.sigma is not None), default.sigma)
    return replace(
        default,
        assigned=assigned,
        u_assigned=u_assigned,
        sigma=sigma,
        is_quantitative=default.is_quantitative and not only_words,
    )
