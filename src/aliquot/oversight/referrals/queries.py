"""Which agreements hold, which tubes went to other regions and which came."""

from datetime import datetime

from django.db.models import Q

from aliquot.oversight.referrals.models import Partner, Referral


def partners_of(laboratory_id: int, at: datetime) -> list[Partner]:
    """The laboratories of other regions that may work for this one now, by the node's code."""
    in_force = Q(until__isnull=True) | Q(until__gt=at)
    held = Partner.objects.select_related("site").filter(in_force, laboratory_id=laboratory_id, since__lte=at)
    return list(held.order_by("peer"))


def latest_referrals(laboratory_id: int, *, limit: int) -> list[Referral]:
    """The newest referrals of a laboratory, in both directions."""
    found = Referral.objects.filter(laboratory_id=laboratory_id).select_related(
        "partner__site", "specimen", "order"
    )
    return list(found.order_by("-asked_at", "-pk")[:limit])
