"""An agreement with another region's laboratory."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.oversight.referrals.models import Partner
from aliquot.registers.network.actions import keep_outside_site
from aliquot.registers.network.models import Site


def agree_partner(
    peer: str,
    *,
    name_en: str,
    name_ru: str,
    prefix: str,
    laboratory: Site,
    by: Actor,
    at: datetime,
    until: datetime | None = None,
) -> Partner:
    """The agreement, in force from now on, until a time if one is given; said again it changes names and end.

    The other laboratory becomes a site of our registers that sends its tubes to `laboratory`; `prefix` begins
    the numbers of orders that come from there.
    """
    by.require("manage_federation")
    if not laboratory.is_laboratory:
        raise Refused(_("%(site)s is no laboratory.") % {"site": laboratory})
    with transaction.atomic():
        code = f"{peer.upper()}-{laboratory.code}"
        names = {"code": code, "name_en": name_en, "name_ru": name_ru}
        site = keep_outside_site(laboratory, **names, prefix=prefix, by=by, at=at)
        known = Partner.objects.filter(peer=peer, laboratory=laboratory)
        since = known.values_list("since", flat=True).first() or at
        if until is not None and until <= since:
            words = _("The agreement would end before it began.")
            raise Refused(words, fields={"until": words})
        if not known.update(site=site, until=until):
            agreed = {"since": at, "until": until, "agreed_by": by.key}
            Partner.objects.create(peer=peer, laboratory=laboratory, site=site, **agreed)
        return known.get()
