"""Figures of the region turned into what the charts draw."""

from datetime import datetime
from typing import Literal

from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.shell.charts import MovingBox, Site, Stage
from aliquot.oversight.insight.queries import BoxNow, SiteNow, Stages

KINDS: dict[str, Literal["hub", "rapid", "point"]] = {"hub": "hub", "rapid_laboratory": "rapid"}


def flow_of(stages: Stages) -> list[Stage]:
    """The racks, first stage first."""
    rows = (
        (_("To be drawn"), stages.ordered),
        (_("Drawn"), stages.collected),
        (_("Travelling"), stages.travelling),
        (_("At reception"), stages.at_reception),
        (_("On the bench"), stages.on_the_bench),
        (_("Waiting for a person"), stages.waiting_for_a_person),
    )
    return [Stage(label, count, str(count)) for label, count in rows]


def map_sites(sites: list[SiteNow]) -> list[Site]:
    """The sites, with the tubes that stand there as their weight."""
    russian = (get_language() or "en").startswith("ru")
    return [
        Site(
            code=one.code,
            name=one.name_ru if russian else one.name_en,
            latitude=one.latitude,
            longitude=one.longitude,
            kind=KINDS.get(one.kind, "point"),
            hub=one.hub,
            weight=one.tubes,
            note=tubes_text(one.tubes),
            label=(one.name_ru if russian else one.name_en).partition(",")[0],
        )
        for one in sites
    ]


def map_boxes(boxes: list[BoxNow], *, at: datetime) -> list[MovingBox]:
    """The boxes on the road, each as far as its time has run."""
    return [
        MovingBox(
            one.origin,
            one.destination,
            one.progress(at, settings.ROAD_PACE),
            f"{one.number}: {tubes_text(one.tubes)}",
            is_late=one.due_at is not None and one.due_at < at,
        )
        for one in boxes
    ]


def tubes_text(count: int) -> str:
    return ngettext("%(count)d tube", "%(count)d tubes", count) % {"count": count}
