"""The register of risks: entered, rated, controlled, accepted or found gone, reviewed in time."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.improvement.actions.noting import said
from aliquot.oversight.improvement.actions.refusals import ACCEPT_REFUSALS, RISK_RATING
from aliquot.oversight.improvement.models import Risk, RiskControl, RiskRating
from aliquot.oversight.improvement.rules.risks import STEPS, Rating, why_not_accepted
from aliquot.registers.network.models import Site

State = Risk.State


@dataclass(frozen=True, slots=True)
class Hazard:
    """What may go wrong at which step, what harm it does, how great that is, when it is reviewed."""

    step: str
    hazard: str
    harm: str
    rating: Rating
    review_on: date


def enter_risk(laboratory: Site, given: Hazard, *, by: Actor, at: datetime) -> Risk:
    """A new risk, rated as if nothing stood against it. Source: ISO 22367:2020 (identification)."""
    by.require("manage_quality")
    _own(laboratory.pk, by)
    hazard = said("hazard", given.hazard, _("Say what may go wrong."))
    harm = said("harm", given.harm, _("Say what it may do to a patient."))
    if given.step not in Risk.ProcessStep.values:
        words = _("Choose the step of the process.")
        raise Refused(words, fields={"step": words})
    _check_rating(given.rating)
    with transaction.atomic():
        made = Risk.objects.create(
            laboratory=laboratory,
            step=given.step,
            hazard=hazard,
            harm=harm,
            severity=given.rating.severity,
            probability=given.rating.probability,
            review_on=given.review_on,
            entered_at=at,
            entered_by=by.key,
        )
        _keep_rating(made, given.rating, hazard, is_after=False, by=by, at=at)
        return made


def add_control(pk: int, what: str, reference: str, *, by: Actor, at: datetime) -> RiskControl:
    """Something that stands against the risk, with the rule or document that it is written in."""
    by.require("manage_quality")
    words = said("what", what, _("Say what controls this risk."))
    with transaction.atomic():
        held = _held(pk, by)
        return RiskControl.objects.create(
            risk=held,
            laboratory_id=held.laboratory_id,
            what=words,
            reference=reference.strip(),
            added_at=at,
            added_by=by.key,
        )


def rate_risk(pk: int, rating: Rating, note: str, *, by: Actor, at: datetime) -> Risk:
    """The risk with what is left of it; an accepted one is to be accepted anew."""
    by.require("manage_quality")
    words = said("note", note, _("Say what this rating rests on."))
    _check_rating(rating)
    with transaction.atomic():
        held = _held(pk, by)
        held.severity_after, held.probability_after = rating.severity, rating.probability
        held.state = State.OPEN
        held.save(update_fields=["severity_after", "probability_after", "state"])
        _keep_rating(held, rating, words, is_after=True, by=by, at=at)
        return held


def accept_risk(pk: int, decision: str, *, by: Actor, at: datetime) -> Risk:
    """The risk, accepted as it is left; a medium one by the director alone, a high one by nobody."""
    by.require("manage_quality")
    words = said("decision", decision, _("Say why what is left can be accepted."))
    with transaction.atomic():
        held = _held(pk, by)
        controls = list(held.controls.values_list("what", flat=True))
        is_director = "hub_director" in by.roles
        if why := why_not_accepted(held.before, held.after, controls, is_director=is_director):
            raise Refused(str(ACCEPT_REFUSALS[why]))
        return _decided(held, State.ACCEPTED, words, by, at)


def retire_risk(pk: int, decision: str, *, by: Actor, at: datetime) -> Risk:
    """The risk, no longer there: what brought it is not done any more."""
    by.require("manage_quality")
    words = said("decision", decision, _("Say why this risk is no longer there."))
    with transaction.atomic():
        return _decided(_held(pk, by), State.RETIRED, words, by, at)


def review_risk(pk: int, note: str, review_on: date, *, by: Actor, at: datetime) -> Risk:
    """The risk, looked at again, with the day of the next review; its rating stands."""
    by.require("manage_quality")
    words = said("note", note, _("Say what you looked at."))
    with transaction.atomic():
        held = _held(pk, by)
        if review_on <= at.date():
            missing = _("Choose a day that is still to come.")
            raise Refused(missing, fields={"review_on": missing})
        held.review_on = review_on
        held.save(update_fields=["review_on"])
        _keep_rating(held, held.after or held.before, words, is_after=held.after is not None, by=by, at=at)
        return held


def _decided(held: Risk, state: str, words: str, by: Actor, at: datetime) -> Risk:
    held.state, held.decision, held.decided_at, held.decided_by = state, words, at, by.key
    held.save(update_fields=["state", "decision", "decided_at", "decided_by"])
    return held


def _keep_rating(risk: Risk, rating: Rating, note: str, *, is_after: bool, by: Actor, at: datetime) -> None:
    RiskRating.objects.create(
        risk=risk,
        laboratory_id=risk.laboratory_id,
        severity=rating.severity,
        probability=rating.probability,
        is_after=is_after,
        note=note,
        at=at,
        by=by.key,
    )


def _check_rating(rating: Rating) -> None:
    if rating.severity not in STEPS or rating.probability not in STEPS:
        raise Refused(str(RISK_RATING))


def _held(pk: int, by: Actor) -> Risk:
    held = Risk.objects.select_for_update().filter(pk=pk).first()
    if held is None:
        raise Forbidden(_("This risk belongs to another laboratory."))
    _own(held.laboratory_id, by)
    if held.state == State.RETIRED:
        raise Refused(_("This risk is no longer there. If it came back, enter it anew."))
    return held


def _own(laboratory_id: int, by: Actor) -> None:
    if laboratory_id not in by.sites:
        raise Forbidden(_("This risk belongs to another laboratory."))
