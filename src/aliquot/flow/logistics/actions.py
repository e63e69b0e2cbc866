"""Boxes: packed, closed, picked up, unpacked. A courier handles numbers; custody moves at each hand-over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.logistics.models import Box, BoxItem
from aliquot.flow.logistics.queries import Reception, find_box, reception_of
from aliquot.flow.logistics.rules.custody import Arrival, ScanFacts, judge_scan, next_state
from aliquot.flow.specimens.actions import hand_over, record_steps
from aliquot.flow.specimens.models import Specimen
from aliquot.flow.specimens.queries import find_specimen
from aliquot.flow.specimens.rules.numbering import check_number, region_of
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import record_events
from aliquot.registers.network.actions import next_numbers
from aliquot.registers.network.models import NumberRange, Site
from aliquot.registers.network.queries import laboratory_of, range_prefix, region_prefixes
from aliquot.registers.network.rules.numbering import BOX, lettered_number

_ON_ITS_WAY = ("collected", "packed", "in_transit", "missing")


@dataclass(frozen=True, slots=True)
class ArrivalOutcome:
    """What a scanned tube was; `expected_in` names the box that should have held it."""

    number: str
    kind: Arrival
    specimen_id: int | None = None
    expected_in: str = ""


def open_box(*, origin: Site, lane: str, by: Actor, at: datetime) -> Box:
    """An empty box at `origin`, bound for its laboratory, in a temperature lane."""
    by.require("close_box")
    _require_site(by, origin)
    if lane not in Box.Lane.values:
        raise Refused(
            _("The lane %(lane)s is not known.") % {"lane": lane},
            fields={"lane": _("Choose room, cold or frozen.")},
        )
    destination = laboratory_of(origin)
    if destination.pk == origin.pk:
        raise Refused(_("%(site)s sends its tubes nowhere: it is their laboratory.") % {"site": origin})
    with transaction.atomic():
        running = next_numbers(origin, NumberRange.Kind.BOX, 1)[0]
        number = lettered_number(BOX, range_prefix(origin, NumberRange.Kind.BOX), running)
        return Box.objects.create(
            number=number, origin=origin, destination=destination, lane=lane, opened_at=at, opened_by=by.key
        )


def pack_specimen(box: Box, number: str, *, by: Actor, at: datetime) -> BoxItem:
    """The tube's line in the box; refused with the reason when it may not travel in it."""
    by.require("close_box")
    with transaction.atomic():
        current = _locked(box)
        _require_site(by, current.origin)
        if current.state != Box.State.OPEN:
            raise Refused(_("Box %(box)s is closed. Open a new one.") % {"box": current.number})
        specimen = _packable(current, number)
        hand_over([specimen.pk], allowed=["collected"], state=Specimen.State.PACKED, lane=current.lane)
        detail = {specimen.pk: {"box": current.number}}
        record_steps("packed", [specimen.pk], site_id=current.origin_id, by=by, at=at, details=detail)
        return BoxItem.objects.create(box=current, number=specimen.number, packed_at=at)


def unpack_specimen(box: Box, number: str, *, by: Actor, at: datetime) -> None:
    """Take a tube out of a box that is still open."""
    by.require("close_box")
    with transaction.atomic():
        current = _locked(box)
        _require_site(by, current.origin)
        if current.state != Box.State.OPEN or not current.items.filter(number=number.strip()).delete()[0]:
            raise Refused(_("%(number)s is not in an open box.") % {"number": number})
        ids = list(Specimen.objects.filter(number=number.strip()).values_list("pk", flat=True))
        hand_over(ids, allowed=["packed"], state=Specimen.State.COLLECTED)
        record_steps("unpacked", ids, site_id=current.origin_id, by=by, at=at)


def close_box(box: Box, *, by: Actor, at: datetime) -> Box:
    """The box, ready for the courier; an empty one is refused."""
    by.require("close_box")
    with transaction.atomic():
        current = _locked(box)
        _require_site(by, current.origin)
        if not current.items.exists():
            raise Refused(_("Box %(box)s is empty. Pack a tube first.") % {"box": current.number})
        _step(current, "close", closed_at=at)
    return _fresh(current)


def pick_up_box(number: str, *, by: Actor, at: datetime) -> Box:
    """The box, in the courier's hands, with the time it is due; the courier learns nothing but numbers.

    The tubes follow by the event "box_picked_up": a courier has no right to a specimen's row.
    """
    by.require("carry_box")
    box = find_box(number)
    if box is None:
        raise Refused(
            _("No box has the number %(number)s. Scan the label of the box.") % {"number": number},
            fields={"number": _("Scan the label of the box, not of a tube.")},
        )
    with transaction.atomic():
        current = _locked(box)
        due = at + timedelta(minutes=current.origin.travel_minutes)
        _step(current, "pick_up", picked_up_at=at, due_at=due, courier=by.key)
        record_events("box_picked_up", [current.pk], at=at)
    return _fresh(current)


def hand_over_box(number: str, *, by: Actor, at: datetime) -> Box:
    """The box, left at the door of its laboratory; the laboratory still receives it by its own scan."""
    by.require("hand_over_box")
    with transaction.atomic():
        box = find_box(number)
        if box is None or box.state != Box.State.IN_TRANSIT:
            raise Refused(_("Box %(box)s is not on the road.") % {"box": number})
        if box.courier != by.key:
            raise Refused(_("Box %(box)s was picked up by somebody else.") % {"box": number})
        Box.objects.filter(pk=box.pk, handed_over_at=None).update(handed_over_at=at)
    return _fresh(box)


def follow_boxes(box_ids: Sequence[int], *, by: Actor) -> int:
    """Move the tubes of boxes that were picked up to "travelling"; returns how many. The worker's part."""
    moved = 0
    for box in Box.objects.filter(pk__in=box_ids, picked_up_at__isnull=False):
        numbers = list(box.items.values_list("number", flat=True))
        ids = Specimen.objects.filter(number__in=numbers).values_list("pk", flat=True)
        gone = hand_over(ids, allowed=["packed"], state=Specimen.State.IN_TRANSIT)
        assert box.picked_up_at is not None
        details = {one: {"box": box.number, "courier": box.courier} for one in gone}
        carrier = Actor(key=box.courier or by.key, name="")  # the step is the courier's, not the worker's
        moment = box.picked_up_at
        record_steps("picked_up", gone, site_id=box.origin_id, by=carrier, at=moment, details=details)
        moved += len(gone)
    return moved


def receive_box(box: Box, *, by: Actor, at: datetime) -> Reception:
    """What the box should hold, now that it is at its laboratory; the tubes are scanned next."""
    by.require("receive_box")
    with transaction.atomic():
        current = _locked(box)
        _require_site(by, current.destination)
        _step(current, "receive", received_at=at, received_by=by.key)
    return reception_of(current)


def scan_arrival(box: Box | None, number: str, *, site: Site, by: Actor, at: datetime) -> ArrivalOutcome:
    """What the scanned tube is; it passes into the custody of `site` unless it is strange or a repeat."""
    by.require("receive_box")
    _require_site(by, site)
    scanned = number.strip()
    with transaction.atomic():
        if box is not None and _locked(box).state != Box.State.RECEIVED:
            raise Refused(_("Receive box %(box)s first, then scan its tubes.") % {"box": box.number})
        specimen = find_specimen(scanned)
        expected_in = _expected_in(box, scanned)
        kind = judge_scan(_scan(box, scanned, specimen, expected_in, site))
        if specimen is None:
            return ArrivalOutcome(scanned, kind)
        if kind in {Arrival.RECEIVED, Arrival.EXTRA, Arrival.OTHER_BOX}:
            _take_over(box, specimen, kind, expected_in, site=site, by=by, at=at)
        name = expected_in.number if expected_in and kind is Arrival.OTHER_BOX else ""
        return ArrivalOutcome(scanned, kind, specimen.pk, name)


def finish_reception(box: Box, *, by: Actor, at: datetime) -> tuple[str, ...]:
    """The numbers that are missing from the box; each is marked so, and a later scan still finds it."""
    by.require("receive_box")
    with transaction.atomic():
        current = _locked(box)
        _require_site(by, current.destination)
        if current.state != Box.State.RECEIVED:
            raise Refused(_("Receive box %(box)s first, then scan its tubes.") % {"box": current.number})
        lacking = current.items.filter(outcome=BoxItem.Outcome.EXPECTED)
        numbers = list(lacking.values_list("number", flat=True))
        lacking.update(outcome=BoxItem.Outcome.MISSING)
        ids = Specimen.objects.filter(number__in=numbers).values_list("pk", flat=True)
        gone = hand_over(ids, allowed=["packed", "in_transit"], state=Specimen.State.MISSING)
        details = {one: {"box": current.number} for one in gone}
        record_steps("missing", gone, site_id=current.destination_id, by=by, at=at, details=details)
    return reception_of(current).missing


def _require_site(by: Actor, site: Site) -> None:
    if site.pk not in by.sites:
        raise Forbidden(_("%(name)s does not work at %(site)s.") % {"name": by.name, "site": site})


def _locked(box: Box) -> Box:
    found = (
        Box.objects.select_for_update(of=("self",))
        .select_related("origin", "destination")
        .filter(pk=box.pk)
        .first()
    )
    if found is None:
        raise Forbidden(_("This box is not visible here."))
    return found


def _fresh(box: Box) -> Box:
    box.refresh_from_db()
    return box


def _step(box: Box, step: str, **changes: object) -> None:
    state = next_state(box.state, step)
    if state is None:
        raise Refused(
            _("Box %(box)s is %(state)s; this step is not possible now.")
            % {"box": box.number, "state": box.get_state_display()}
        )
    Box.objects.filter(pk=box.pk, state=box.state).update(state=state, **changes)


def _packable(box: Box, number: str) -> Specimen:
    specimen = find_specimen(number)
    if specimen is None:
        fault = _("%(number)s is not a tube of this site. Scan it again.")
    elif specimen.state == Specimen.State.PACKED:
        fault = _("%(number)s is already in a box.")
    elif specimen.state in {Specimen.State.PLANNED, Specimen.State.LABELLED}:
        fault = _("%(number)s was not drawn yet. Enter when it was drawn, then pack it.")
    elif specimen.state != Specimen.State.COLLECTED or specimen.custody_site_id != box.origin_id:
        fault = _("%(number)s has already left, or was withdrawn. Put it aside.")
    elif specimen.laboratory_id != box.destination_id:
        fault = _("%(number)s is bound for another laboratory. Put it in that box.")
    else:
        return specimen
    raise Refused(fault % {"number": number}, fields={"number": fault % {"number": number}})


def _expected_in(box: Box | None, number: str) -> Box | None:
    items = BoxItem.objects.filter(
        number=number, outcome__in=[BoxItem.Outcome.EXPECTED, BoxItem.Outcome.MISSING]
    )
    if box is not None:
        items = items.exclude(box=box)
    item = items.select_related("box").order_by("-id").first()
    return item.box if item else None


def _scan(
    box: Box | None, number: str, specimen: Specimen | None, expected_in: Box | None, site: Site
) -> ScanFacts:
    is_foreign = check_number(number).is_valid and region_of(number) not in region_prefixes()
    item = box.items.filter(number=number).first() if box else None
    return ScanFacts(
        tube_state=specimen.state if specimen else None,
        is_bound_here=specimen is None or specimen.laboratory_id == site.pk,
        is_of_another_region=is_foreign,
        item_outcome=item.outcome if item else None,
        expected_in=expected_in.number if expected_in else "",
    )


def _take_over(
    box: Box | None,
    specimen: Specimen,
    kind: Arrival,
    expected_in: Box | None,
    *,
    site: Site,
    by: Actor,
    at: datetime,
) -> None:
    # a tube found outside its own box was carried in the lane of the box it was found in
    lane = box.lane if box else None
    hand_over(
        [specimen.pk],
        allowed=_ON_ITS_WAY,
        state=Specimen.State.ARRIVED,
        site_id=site.pk,
        lane=lane,
        arrived_at=at,
    )
    found = {"received_at": at, "outcome": BoxItem.Outcome.RECEIVED}
    if expected_in is not None:
        expected_in.items.filter(number=specimen.number).update(**found)
    if box is not None:
        if kind is not Arrival.RECEIVED:
            found["outcome"] = BoxItem.Outcome.EXTRA
        BoxItem.objects.update_or_create(box=box, number=specimen.number, defaults=found)
    detail = {specimen.pk: {"outcome": kind.value, "box": box.number if box else ""}}
    record_steps("arrived", [specimen.pk], site_id=site.pk, by=by, at=at, details=detail)
