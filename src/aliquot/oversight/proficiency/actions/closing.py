"""A round is evaluated: every result scored by the rules, every failure opened as a case."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.foundation.events.actions import record_events
from aliquot.oversight.proficiency.actions.opening import require_organiser
from aliquot.oversight.proficiency.models import (
    FailureCase,
    MaterialCheck,
    Participation,
    ProficiencyItem,
    ProficiencyResult,
    ProficiencyRound,
    ProficiencyScore,
    ProficiencyTarget,
    SampleReceipt,
)
from aliquot.oversight.proficiency.queries import beside, series_of, signals_before, target_of
from aliquot.oversight.proficiency.rules.events import is_satisfactory
from aliquot.oversight.proficiency.rules.investigation import why_open
from aliquot.oversight.proficiency.rules.items import Entry, Outcome, Scored, acceptable_percent, score_item
from aliquot.oversight.proficiency.rules.scores import Signal, signal_of

State = ProficiencyRound.State
NUMBERS = ("z", "z_prime", "zeta", "en", "sdi", "d_percent")
UNFIT = frozenset(
    {
        SampleReceipt.Condition.MISSING,
        SampleReceipt.Condition.LEAKING,
        SampleReceipt.Condition.INSUFFICIENT,
        SampleReceipt.Condition.DAMAGED,
    }
)
SAMPLE_UNFIT = "sample_unfit"
Check = MaterialCheck.Kind
DOUBTS: Mapping[str, str] = {Check.HOMOGENEITY: "material_uneven", Check.STABILITY: "material_unstable"}
"""What is said of an item whose material did not pass, beside its scores."""


def close_round(found: ProficiencyRound, *, by: Actor, at: datetime) -> ProficiencyRound:
    """The evaluated round: assigned values, scores and each participant's share; failures are open cases.

    Refused while participants may still return results, and for a provider's round without its report.
    Records "eqa_failed" for each case. Source: ISO 13528:2015, 7-9; ISO 15189:2022, 7.3.7.3.
    """
    require_organiser(found.organiser_id, by)
    with transaction.atomic():
        held = ProficiencyRound.objects.select_for_update().filter(pk=found.pk, state=State.OPEN).first()
        if held is None:
            raise Refused(_("This round is over already."))
        participants = list(Participation.objects.select_for_update().filter(round=held).order_by("id"))
        _check(held, participants, at)
        scores = _score_items(held, participants, at)
        _conclude(held, participants, scores)
        _open_cases(scores, at)
        held.state, held.closed_at, held.closed_by = State.CLOSED, at, by.key
        held.save(update_fields=["state", "closed_at", "closed_by"])
        return held


def _check(held: ProficiencyRound, participants: Sequence[Participation], at: datetime) -> None:
    waiting = [one for one in participants if one.submitted_at is None]
    if waiting and at <= held.submit_by:
        raise Refused(
            _("%(count)s of %(all)s laboratories have not submitted and the deadline has not passed.")
            % {"count": str(len(waiting)), "all": str(len(participants))}
        )
    targets = ProficiencyTarget.objects.filter(round=held)
    known = targets.exclude(assigned=None, expected="").exists()
    if held.kind == ProficiencyRound.Kind.PROVIDER and not known:
        raise Refused(_("Read in the provider's report first: no assigned value is known."))


def _score_items(
    held: ProficiencyRound, participants: Sequence[Participation], at: datetime
) -> list[ProficiencyScore]:
    items = ProficiencyItem.objects.filter(round=held).select_related("target", "test").order_by("id")
    results: dict[int, dict[int, ProficiencyResult]] = {}
    others: dict[int, list[ProficiencyResult]] = {}
    for one in ProficiencyResult.objects.filter(round=held).order_by("id"):
        if one.is_further:
            others.setdefault(one.item_id, []).append(one)
        else:
            results.setdefault(one.item_id, {})[one.laboratory_id] = one
    unfit = _unfit(held)
    scores = []
    for item in items:
        own = results.get(item.pk, {})
        further = beside(own, others.get(item.pk, ()))
        checks = _checks(item)
        outcome = _judge(item, checks.get(Check.HOMOGENEITY), _entries(participants, own), further)
        _keep_outcome(item, outcome, [DOUBTS[kind] for kind, one in checks.items() if not one.is_passed])
        for participant, scored in zip(participants, outcome.scored, strict=True):
            is_unfit = (item.sample_id, participant.laboratory_id) in unfit
            result = own.get(participant.laboratory_id)
            scores.append(_score(item, participant.laboratory_id, result, scored, at, is_unfit=is_unfit))
        for result, scored in zip(further, outcome.further, strict=True):
            scores.append(_score(item, result.laboratory_id, result, scored, at))
    return ProficiencyScore.objects.bulk_create(scores)


def _unfit(held: ProficiencyRound) -> set[tuple[int, int]]:
    """Samples that could not be measured by a participant."""
    found = SampleReceipt.objects.filter(sample__round=held, condition__in=UNFIT)
    return set(found.values_list("sample_id", "laboratory_id"))


def _checks(item: ProficiencyItem) -> dict[str, MaterialCheck]:
    """The last check of each kind of an item's material."""
    return {one.kind: one for one in MaterialCheck.objects.filter(item=item).order_by("at", "id")}


def _judge(
    item: ProficiencyItem,
    last: MaterialCheck | None,
    entries: Sequence[Entry],
    further: Sequence[ProficiencyResult],
) -> Outcome:
    target = target_of(item)
    if last is not None and not last.is_passed and target.sigma is not None:
        from aliquot.oversight.proficiency.rules.material import widened_sigma

        widened = widened_sigma(float(target.sigma), float(last.s_between or 0))
        target = replace(target, sigma=round(Decimal(widened), 6))
    return score_item(entries, target, [_entry("", one) for one in further])


def _entries(participants: Sequence[Participation], results: Mapping[int, ProficiencyResult]) -> list[Entry]:
    return [_entry(one.code, results.get(one.laboratory_id)) for one in participants]


def _entry(participant: str, result: ProficiencyResult | None) -> Entry:
    if result is None:
        return Entry(participant)
    return Entry(participant, result.value, result.text, result.u, result.method)


def _keep_outcome(item: ProficiencyItem, outcome: Outcome, doubts: Sequence[str]) -> None:
    kept = outcome.assigned
    ProficiencyTarget.objects.filter(item=item).update(
        x_pt=kept and _rounded(kept.value),
        u_x_pt=kept and _rounded(kept.u),
        sigma_pt=kept and _rounded(kept.sigma),
        allowed=kept and _rounded(kept.allowed),
        mean=kept and _rounded(kept.mean),
        s_star=kept and _rounded(kept.s_star),
        count=kept.count if kept else sum(one.signal is not Signal.MISSING for one in outcome.scored),
        expected=outcome.expected,
        reasons=[*(one.value for one in outcome.reasons), *doubts],
    )


def _score(
    item: ProficiencyItem,
    laboratory_id: int,
    result: ProficiencyResult | None,
    scored: Scored,
    at: datetime,
    *,
    is_unfit: bool = False,
) -> ProficiencyScore:
    excused = is_unfit and result is None
    reason = SAMPLE_UNFIT if excused else (scored.reason.value if scored.reason else "")
    numbers = {one.name: _rounded(getattr(scored, one.name)) for one in fields(scored) if one.name in NUMBERS}
    return ProficiencyScore(
        item=item,
        round_id=item.round_id,
        organiser_id=item.organiser_id,
        laboratory_id=laboratory_id,
        test_id=item.test_id,
        result=result,
        is_further=result is not None and result.is_further,
        signal=Signal.NOT_SCORED if excused else scored.signal,
        judged_by=scored.judged_by,
        reason=reason,
        distance=scored.distance,
        at=at,
        **numbers,
    )


def _conclude(
    held: ProficiencyRound, participants: Sequence[Participation], scores: Sequence[ProficiencyScore]
) -> None:
    """Each participant's share of acceptable items, against what the round demands: of what it returned.

    Further analyzers change no share, so that a good one cannot hide what failed; theirs become cases.
    """
    returned = [one for one in scores if not one.is_further]
    for one in participants:
        signals = [Signal(score.signal) for score in returned if score.laboratory_id == one.laboratory_id]
        percent = acceptable_percent(signals)
        one.score_percent = None if percent is None else round(percent, 2)
        one.is_satisfactory = None if percent is None else is_satisfactory(percent, held.needed_percent)
        one.save(update_fields=["score_percent", "is_satisfactory"])


def _open_cases(scores: Sequence[ProficiencyScore], at: datetime) -> None:
    before = signals_before(scores)
    cases = []
    for one in scores:
        said = one.result.provider_z if one.result is not None else None
        provider = None if said is None else signal_of(said)
        earlier = before.get(series_of(one), ())
        if why := why_open(Signal(one.signal), provider, earlier):
            cases.append(
                FailureCase(
                    score=one,
                    organiser_id=one.organiser_id,
                    laboratory_id=one.laboratory_id,
                    why=why,
                    opened_at=at,
                )
            )
    opened = FailureCase.objects.bulk_create(cases)
    record_events("eqa_failed", [one.pk for one in opened], at=at)


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else round(value, 6)
