"""The material of a round is checked: homogeneous before it is sent, stable until the end."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.oversight.proficiency.actions.opening import require_organiser
from aliquot.oversight.proficiency.models import MaterialCheck, ProficiencyItem, ProficiencyRound
from aliquot.oversight.proficiency.queries import target_of

Kind = MaterialCheck.Kind


def check_homogeneity_of(
    item: ProficiencyItem, samples: Sequence[Sequence[Decimal]], *, by: Actor, at: datetime
) -> MaterialCheck:
    """The verdict on portions measured at least twice each, kept with what was measured.

    One that fails is told with the scores, and widens a given sigma when the round is closed. Source:
    ISO 13528:2015, annex B.
    """
    from aliquot.oversight.proficiency.rules.material import check_homogeneity

    sigma = _sigma(item, by)
    try:
        found = check_homogeneity([[float(one) for one in sample] for sample in samples], sigma)
    except ValueError as fault:
        words = _("Every portion is measured at least twice, all equally often, and there are two or more.")
        raise Refused(words, fields={"values": words}) from fault
    return MaterialCheck.objects.create(
        item=item,
        organiser_id=item.organiser_id,
        kind=Kind.HOMOGENEITY,
        values=[[str(one) for one in sample] for sample in samples],
        is_passed=found.is_homogeneous or found.passes_expanded,
        s_between=round(Decimal(found.s_between), 6),
        verdict=asdict(found),
        at=at,
        by=by.key,
    )


def check_stability_of(
    item: ProficiencyItem, before: Sequence[Decimal], after: Sequence[Decimal], *, by: Actor, at: datetime
) -> MaterialCheck:
    """The verdict on one portion measured before and after, kept; one that fails is told with the scores."""
    from aliquot.oversight.proficiency.rules.material import check_stability

    sigma = _sigma(item, by)
    try:
        found = check_stability([float(one) for one in before], [float(one) for one in after], sigma)
    except ValueError as fault:
        words = _("Measure at least twice before and twice after.")
        raise Refused(words, fields={"values": words}) from fault
    return MaterialCheck.objects.create(
        item=item,
        organiser_id=item.organiser_id,
        kind=Kind.STABILITY,
        values={"before": [str(one) for one in before], "after": [str(one) for one in after]},
        is_passed=found.is_stable or found.passes_expanded,
        verdict=asdict(found),
        at=at,
        by=by.key,
    )


def _sigma(item: ProficiencyItem, by: Actor) -> float:
    """The SD for the assessment as planned; a third of the allowed deviation where that is given."""
    require_organiser(item.organiser_id, by)
    if item.round.state != ProficiencyRound.State.OPEN:
        raise Refused(_("This round is over."))
    target = target_of(item)
    limits = [one for one in (target.limit,) if one is not None]
    if target.limit_percent is not None and target.assigned is not None:
        limits.append(abs(target.assigned) * target.limit_percent / 100)
    found = target.sigma or (max(limits) / 3 if limits else None)
    if not found:
        words = _("The check needs sigma, or an allowed deviation, of this item: enter it first.")
        raise Refused(words, fields={"sigma": words})
    return float(found)
