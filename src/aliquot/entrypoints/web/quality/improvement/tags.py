"""One key from where it happened: {% nonconformity_about "rejected_tube" specimen.pk %}."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aliquot.foundation.actors import Actor
from aliquot.oversight.improvement.queries import last_of_subject

register = template.Library()

SEVERAL = frozenset({"complaint"})
"""Sources of which there may be several about one row."""
WORDS = {"complaint": pgettext_lazy("to make a", "Complaint"), "late_result": _("It is late")}
"""What the button says; otherwise that it is a nonconformity."""


@register.inclusion_tag("quality/improvement/_raise.html", takes_context=True)
def nonconformity_about(
    context: template.Context, source: str, subject_id: int, key: str = "Alt+n"
) -> dict[str, Any]:
    """The nonconformity that is open about this row, else the button that raises one."""
    actor = getattr(context.get("request"), "actor", None)
    if not isinstance(actor, Actor) or not actor.may("raise_nonconformity"):
        return {}
    known = last_of_subject(source, subject_id)
    address = f"{reverse('quality:raise')}?source={source}&subject={subject_id}"
    return {
        "known": known,
        "address": address,
        "key": key,
        "words": WORDS.get(source, _("Nonconformity")),
        "may_raise": known is None or known.is_over or source in SEVERAL,
    }


@register.inclusion_tag("quality/improvement/_ask.html", takes_context=True)
def look_back_asked(context: template.Context, source: str, subject_id: int) -> dict[str, Any]:
    """For who may not recall results: the button that asks the doctor, or that the doctor has it already."""
    actor = getattr(context.get("request"), "actor", None)
    if not isinstance(actor, Actor) or actor.may("recall_result") or not actor.may("raise_nonconformity"):
        return {}
    known = last_of_subject(source, subject_id)
    is_known = known is not None and not known.is_over
    asked = {"source": source, "subject": subject_id, "csrf_token": context.get("csrf_token")}
    return {**asked, "is_known": is_known, "may_ask": not is_known}
