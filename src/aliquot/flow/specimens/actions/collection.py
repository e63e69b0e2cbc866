"""At the patient: labels, the draw, the centrifuge."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.specimens.actions.steps import record_steps
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused

EARLIEST = timedelta(days=7)
"""How long before the day of its order a tube may have been drawn: what is older belongs to another order."""

_TO_DRAW = frozenset({Specimen.State.PLANNED.value, Specimen.State.LABELLED.value})
_IN_HAND = frozenset(
    {Specimen.State.COLLECTED.value, Specimen.State.ARRIVED.value, Specimen.State.ACCEPTED.value}
)


def print_labels(specimens: Iterable[Specimen], *, by: Actor, at: datetime) -> None:
    """Mark tubes as labelled; printing again changes nothing but is kept. It says nothing about the draw."""
    by.require("print_label")
    with transaction.atomic():
        ids = [one.pk for one in specimens]
        found = Specimen.objects.filter(pk__in=ids).exclude(state=Specimen.State.CANCELLED)
        groups = _by_site(found)
        Specimen.objects.filter(pk__in=ids, state=Specimen.State.PLANNED).update(
            state=Specimen.State.LABELLED, labelled_at=at
        )
        for site, printed in groups.items():
            record_steps("label_printed", printed, site_id=by.site_id or site, by=by, at=at)


def collect_specimens(
    numbers: Sequence[str], *, collected_at: datetime, identity_confirmed: bool, by: Actor, at: datetime
) -> list[Specimen]:
    """The tubes, drawn at `collected_at`: a fact of its own, never the time of printing or of typing.

    `identity_confirmed` says that name and birth date were asked of the patient. All or nothing: every number
    that cannot be taken is named. Source: CLSI GP41, patient identification.
    """
    by.require("collect_specimen")
    if not identity_confirmed:
        raise Refused(
            _("Ask the patient's name and birth date and compare them with the label."),
            fields={"identity_confirmed": _("Confirm that you compared both.")},
        )
    with transaction.atomic():
        found = _wanted(numbers)
        _refuse_collection(found, collected_at, at)
        ids = [one.pk for one in found]
        Specimen.objects.filter(pk__in=ids, state__in=_TO_DRAW).update(
            state=Specimen.State.COLLECTED, collected_at=collected_at, collected_by=by.key
        )
        for site, drawn in _by_site(found).items():
            place = by.site_id or site
            record_steps("collected", drawn, site_id=place, by=by, at=collected_at, recorded_at=at)
    return list(Specimen.objects.filter(pk__in=ids).order_by("id"))


def spin_specimens(numbers: Sequence[str], *, by: Actor, at: datetime) -> list[Specimen]:
    """The tubes, centrifuged at `at`; one spun before or not in hand is named, and nothing changes."""
    by.require("centrifuge_specimen")
    with transaction.atomic():
        found = _wanted(numbers)
        if wrong := [one.number for one in found if one.state not in _IN_HAND or one.spun_at]:
            raise Refused(
                _("Not drawn yet, already travelling or already centrifuged: %(numbers)s. Take them out.")
                % {"numbers": ", ".join(wrong)}
            )
        ids = [one.pk for one in found]
        Specimen.objects.filter(pk__in=ids, spun_at=None).update(spun_at=at)
        for site, spun in _by_site(found).items():
            record_steps("centrifuged", spun, site_id=site, by=by, at=at)
    return list(Specimen.objects.filter(pk__in=ids).order_by("id"))


def _wanted(numbers: Sequence[str]) -> list[Specimen]:
    wanted = {number.strip() for number in numbers}
    found = list(
        Specimen.objects.select_for_update(of=("self",))
        .select_related("order")
        .filter(number__in=wanted)
        .order_by("id")
    )
    if unknown := sorted(wanted - {one.number for one in found}):
        raise Refused(
            _("Not known here: %(numbers)s. Scan again, or print a label.") % {"numbers": ", ".join(unknown)},
            fields={"numbers": _("Scan the label again.")},
        )
    return found


def _refuse_collection(found: Sequence[Specimen], collected_at: datetime, at: datetime) -> None:
    if collected_at > at:
        _refuse_time(_("The time of collection lies in the future. Enter when the tube was drawn."))
    if early := [one.number for one in found if collected_at.date() < one.order.placed_at.date() - EARLIEST]:
        _refuse_time(
            _("Drawn more than 7 days before the order: %(numbers)s. Check the date, or place a new order.")
            % {"numbers": ", ".join(early)}
        )
    if closed := [one.number for one in found if one.state not in _TO_DRAW]:
        raise Refused(
            _("Already drawn or withdrawn: %(numbers)s. Take them out of the list.")
            % {"numbers": ", ".join(closed)},
            fields={"numbers": _("Take out what is already drawn.")},
        )


def _refuse_time(sentence: str) -> None:
    raise Refused(sentence, fields={"collected_at": sentence})


def _by_site(specimens: Iterable[Specimen]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = defaultdict(list)
    for one in specimens:
        groups[one.custody_site_id].append(one.pk)
    return groups
