"""Targets that may be taken for a lot, each with its reasons: own runs, the lot before, floating, said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from aliquot.entrypoints.web.quality.words import sentence
from aliquot.flow.quality.actions import Target
from aliquot.flow.quality.models import ControlLot, ControlResult, ControlTarget
from aliquot.flow.quality.queries import anchor_of, targets_in_force, values_of
from aliquot.flow.quality.rules.targets.establishing import Limits, establishing
from aliquot.flow.quality.rules.targets.given import fixed, of_peers, of_range
from aliquot.flow.quality.rules.targets.next_lot import Overlap, transferred
from aliquot.flow.quality.rules.targets.own import LEAST_RUNS, established, floating
from aliquot.flow.quality.rules.targets.pairing import paired
from aliquot.flow.quality.rules.targets.proposals import Origin, Proposal, Summary
from aliquot.flow.quality.rules.targets.proposals import Target as Figures
from aliquot.foundation.errors import Refused

SAME_RUN = timedelta(hours=8)
"""Two lots measured within a shift are one run of the overlap."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A target that may be taken: how it came about, its figures, whether it may, and why (not)."""

    how: str
    proposal: Proposal
    reasons: list[str]
    overlap: Overlap | None = None


@dataclass(frozen=True, slots=True)
class LotTargets:
    """A level of a lot: its target now, how often it was measured, what may be taken instead."""

    lot: ControlLot
    current: ControlTarget | None
    values: int
    before: ControlLot | None
    offers: list[Offer]
    series: list[str]
    measured: list[Decimal]


def targets_of(lots: Sequence[ControlLot], analyzer_id: int, test_id: int) -> list[LotTargets]:
    """Each level of each lot with what may be taken as its target."""
    known = targets_in_force(analyzer_id, test_id)
    return [_of_lot(lot, lots, known, analyzer_id, test_id) for lot in lots]


def proposed(how: str, found: LotTargets, given: dict[str, Any]) -> Target:
    """The target that a person takes, worked out anew; Refused with the reasons where it may not be taken."""
    proposal = _proposal(how, found, given)
    if proposal.target is None or not proposal.is_accepted:
        raise Refused(" ".join(sentence(one) for one in proposal.reasons) or _("There is nothing to take."))
    target = proposal.target
    notes = (_limits_said(given) if how == "gost" else "", given.get("note", ""))
    return Target(
        mean=round(target.mean, 6),
        sd=round(target.sd, 6),
        origin=target.origin.value,
        runs=target.figures.n,
        is_floating=target.is_floating,
        note=". ".join(one for one in notes if one),
    )


def _proposal(how: str, found: LotTargets, given: dict[str, Any]) -> Proposal:
    if offer := next((one for one in found.offers if one.how == how), None):
        return offer.proposal
    if how == "gost":
        assigned = given.get("assigned")
        return establishing(found.measured, _limits_of(given), assigned).proposal
    if how == "range":
        return of_range(_needed(given, "low"), _needed(given, "high"))
    mean, sd = _needed(given, "mean"), _needed(given, "sd")
    if how == "peer":
        own = next((one.proposal.target for one in found.offers if one.proposal.target), None)
        group = Summary(given["laboratories"] or 0, mean, sd)
        return of_peers(group, own_cv=own.figures.cv if own else None, own_mean=own.mean if own else None)
    return fixed(mean, sd)


def _limits_of(given: dict[str, Any]) -> Limits:
    """The limits that the series is held against: of scatter always, of bias where a value is assigned."""
    needed = ("cv10", "cv20", "b10", "b20") if given.get("assigned") is not None else ("cv10", "cv20")
    return Limits(**{name: _needed(given, name) for name in needed})


def _limits_said(given: dict[str, Any]) -> str:
    """What the series was held against, for the record."""
    said = {name.upper(): given.get(name) for name in ("cv10", "cv20", "b10", "b20")}
    limits = ", ".join(f"{name} {value.normalize():f} %" for name, value in said.items() if value is not None)
    return f"GOST R 53133.2: {limits}"


def _needed(given: dict[str, Any], name: str) -> Decimal:
    value = given.get(name)
    if not isinstance(value, Decimal):
        words = _("Write a number here.")
        raise Refused(words, fields={name: words})
    return value


def _of_lot(
    lot: ControlLot,
    lots: Sequence[ControlLot],
    known: dict[int, ControlTarget],
    analyzer_id: int,
    test_id: int,
) -> LotTargets:
    results = values_of(lot.pk, analyzer_id, test_id)
    current, before = known.get(lot.pk), _before(lot, lots, known)
    offers = [_offer("established", established(_values(results)))] if results else []
    if current is not None and len(results) > max(current.runs, LEAST_RUNS - 1):
        began = anchor_of(current)
        anchor = Figures(Summary(began.runs, began.mean, began.sd), Origin(began.origin))
        offers.append(_offer("floating", floating(_values(results), anchor)))
    if before is not None:
        old = values_of(before.pk, analyzer_id, test_id)
        offers.append(_transferred(known[before.pk], old, results))
    return LotTargets(lot, current, len(results), before, offers, _series(results), _values(results))


def _values(results: Sequence[ControlResult]) -> list[Decimal]:
    """As they were measured, without the zeros that the column adds."""
    return [
        one.value.quantize(Decimal(1)) if one.value % 1 == 0 else one.value.normalize() for one in results
    ]


def _transferred(target: ControlTarget, old: Sequence[ControlResult], new: Sequence[ControlResult]) -> Offer:
    pairs = paired(
        [(one.measured_at, one.value) for one in old],
        [(one.measured_at, one.value) for one in new],
        within=SAME_RUN,
    )
    figures = Figures(Summary(target.runs, target.mean, target.sd), Origin(target.origin))
    proposal, overlap = transferred(figures, [one for one, _new in pairs], [two for _old, two in pairs])
    return _offer("transferred", proposal, overlap)


def _series(results: Sequence[ControlResult]) -> list[str]:
    """What the Russian establishing series says of the runs so far, without limits of the test."""
    found = establishing(_values(results), Limits())
    return [sentence(one) for one in found.proposal.reasons] if results else []


def _before(
    lot: ControlLot, lots: Sequence[ControlLot], known: dict[int, ControlTarget]
) -> ControlLot | None:
    """The lot of the same level that began before this one and has a target."""
    earlier = [
        one
        for one in lots
        if one.material_id == lot.material_id
        and one.level == lot.level
        and one.pk in known
        and (one.begun_at, one.pk) < (lot.begun_at, lot.pk)
    ]
    return max(earlier, key=lambda one: (one.begun_at, one.pk), default=None)


def _offer(how: str, proposal: Proposal, overlap: Overlap | None = None) -> Offer:
    return Offer(how, proposal, [sentence(one) for one in proposal.reasons], overlap)
