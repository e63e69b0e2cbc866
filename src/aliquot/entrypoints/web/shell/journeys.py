"""A tube's journey in words, as the tag `timeline` draws it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from aliquot.flow.specimens.models import SpecimenEvent
from aliquot.registers.people.queries import Name, names_of

STEPS = {
    "planned": _("Ordered; the label is planned"),
    "tests_added": _("Tests added"),
    "sent_out": _("Sent to another region"),
    "not_taken_there": _("Not taken there, to be measured here"),
    "announced": _("Announced by another region"),
    "label_printed": _("Label printed"),
    "collected": _("Drawn"),
    "centrifuged": _("Centrifuged"),
    "packed": _("Packed into a box"),
    "unpacked": _("Taken out of the box"),
    "picked_up": _("Picked up by the courier"),
    "arrived": _("Arrived at reception"),
    "missing": _("Missing at reception"),
    "taken_in": _("Judged at reception"),
    "condition_noted": _("Condition noted"),
    "tests_rejected": _("Tests rejected"),
    "tests_conceded": _("Tests conceded by a doctor"),
    "recollection_requested": _("Another tube requested"),
    "cancelled": _("Withdrawn"),
}
NOTICES = frozenset({"missing", "tests_rejected", "condition_noted"})


def steps_of(
    events: Iterable[SpecimenEvent], names: Mapping[str, Name] | None = None
) -> list[dict[str, Any]]:
    """The steps of a journey, first step first; `names` by key, asked for here when the page has not."""
    steps = list(events)
    known = names_of(one.by for one in steps) if names is None else names
    return [
        {
            "label": STEPS.get(one.kind, one.kind),
            "at": one.at,
            "place": one.site,
            "by": known[one.by].name,
            "detail": _detail(one.detail),
            "state": "notice" if one.kind in NOTICES else "done",
        }
        for one in steps
    ]


def _detail(detail: object) -> str:
    if not isinstance(detail, dict):
        return ""
    parts = [
        detail[name]
        for name in ("box", "reason", "tests", "conditions", "note", "replaces")
        if detail.get(name)
    ]
    return " · ".join(", ".join(map(str, part)) if isinstance(part, list) else str(part) for part in parts)
