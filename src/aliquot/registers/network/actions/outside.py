"""Laboratories outside the region, as sites of our registers."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.registers.network.models import NumberRange, Organisation, Site


def keep_outside_site(
    laboratory: Site,
    *,
    code: str,
    name_en: str,
    name_ru: str,
    prefix: str,
    by: Actor,
    at: datetime,  # noqa: ARG001 - every action says when
) -> Site:
    """The site that stands for a laboratory outside the region; its names may change.

    `prefix` begins the numbers of its orders. Refused when another site has it.
    """
    by.require("manage_federation")
    taken = NumberRange.objects.filter(kind=NumberRange.Kind.ORDER, prefix=prefix).exclude(site__code=code)
    if not prefix or taken.exists():
        sentence = _("The prefix “%(prefix)s” is taken. Choose another.") % {"prefix": prefix}
        raise Refused(sentence, fields={"prefix": sentence})
    names: dict[str, Any] = {"name_en": name_en, "name_ru": name_ru}
    organisation, _is_new = Organisation.objects.update_or_create(code=code, defaults=names)
    facts = {"laboratory": laboratory, "time_zone": laboratory.time_zone, "organisation": organisation}
    kind = {"kind": Site.Kind.COLLECTION_POINT}
    site, _is_new = Site.objects.update_or_create(code=code, defaults={**names, **facts, **kind})
    orders = NumberRange.Kind.ORDER
    NumberRange.objects.update_or_create(site=site, kind=orders, defaults={"prefix": prefix})
    return site
