"""What a box holds, by number only, and what is overdue."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Count, Q, QuerySet

from aliquot.flow.logistics.models import Box, BoxItem
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation import sql_files
from aliquot.foundation.naming import is_russian
from aliquot.registers.network.models import Site

SQL = Path(__file__).parent / "sql"

MISSING_FOR = timedelta(hours=24)
"""After this a missing tube is given up and drawn again."""


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One line of a box: a tube by number, never by patient."""

    number: str
    outcome: str
    packed_at: datetime | None
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reception:
    """What a box should hold and what was found in it so far, by number."""

    expected: tuple[str, ...]
    received: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]


def manifest(box: Box) -> list[ManifestRow]:
    """The tubes of a box in the order they were packed; a courier may read it."""
    rows = box.items.order_by("id").values_list("number", "outcome", "packed_at", "received_at")
    return [ManifestRow(*row) for row in rows]


def reception_of(box: Box) -> Reception:
    """The tubes of a box, sorted by what became of them; `expected` are those not scanned yet."""
    found: dict[str, list[str]] = {outcome: [] for outcome in BoxItem.Outcome.values}
    for number, outcome in box.items.order_by("id").values_list("number", "outcome"):
        found[outcome].append(number)
    return Reception(**{outcome: tuple(numbers) for outcome, numbers in found.items()})


def boxes_of(site: Site) -> QuerySet[Box]:
    """Boxes from or to a site that are not received yet, oldest first, each with its `item_count`."""
    return (
        Box.objects.filter(Q(origin=site) | Q(destination=site))
        .exclude(state=Box.State.RECEIVED)
        .select_related("origin", "destination")
        .annotate(item_count=Count("items"))
        .order_by("opened_at", "id")
    )


def boxes_to_carry() -> QuerySet[Box]:
    """Boxes that wait for a courier or travel, by place of origin."""
    return (
        Box.objects.filter(state__in=[Box.State.CLOSED, Box.State.IN_TRANSIT])
        .select_related("origin", "destination")
        .annotate(item_count=Count("items"))
        .order_by("origin__code", "closed_at", "id")
    )


def find_box(number: str) -> Box | None:
    """The box with this number that the actor may see, or None."""
    return Box.objects.select_related("origin", "destination").filter(number=number.strip().upper()).first()


def overdue_boxes(*, now: datetime) -> QuerySet[Box]:
    """Boxes that should have arrived and did not, longest overdue first."""
    return (
        Box.objects.filter(state=Box.State.IN_TRANSIT, due_at__lt=now)
        .select_related("origin", "destination")
        .order_by("due_at", "id")
    )


def overdue_missing(site: Site, *, now: datetime, after: timedelta = MISSING_FOR) -> QuerySet[Specimen]:
    """Tubes bound for `site` or drawn at it that have been missing for longer than `after`."""
    parties = Q(laboratory=site) | Q(ordering_site=site)
    return (
        Specimen.objects.filter(
            parties, state=Specimen.State.MISSING, events__kind="missing", events__at__lt=now - after
        )
        .select_related("order", "ordering_site", "custody_site")
        .order_by("collected_at", "id")
        .distinct()
    )


@dataclass(frozen=True, slots=True)
class BoxLine:
    """A box in a list, with its ends in both languages and its tubes counted by what became of them."""

    number: str
    state: str
    lane: str
    origin_en: str
    origin_ru: str
    destination_en: str
    destination_ru: str
    travel_minutes: int
    courier: str
    closed_at: datetime | None
    picked_up_at: datetime | None
    due_at: datetime | None
    handed_over_at: datetime | None
    received_at: datetime | None
    expected: int
    received: int
    missing: int
    extra: int

    @property
    def tubes(self) -> int:
        """How many tubes were packed into it."""
        return self.expected + self.received + self.missing

    @property
    def lane_label(self) -> str:
        """The lane as degrees."""
        return str(Box.Lane(self.lane).label)

    @property
    def origin(self) -> str:
        """Where it was packed, in the reader's language."""
        return self.origin_ru if is_russian() else self.origin_en

    @property
    def destination(self) -> str:
        """Where it goes, in the reader's language."""
        return self.destination_ru if is_russian() else self.destination_en

    def is_late(self, now: datetime) -> bool:
        """Whether it is on the road past the time it was due."""
        return self.state == Box.State.IN_TRANSIT and self.due_at is not None and self.due_at < now


def boxes_under_way(*, since: datetime) -> list[BoxLine]:
    """Every box the actor sees that is not received, or was since `since`; the farthest site first."""
    return sql_files.fetch(BoxLine, SQL, "boxes_under_way", since=since)


def box_line(number: str) -> BoxLine | None:
    """One box with its counts, or None when the actor sees no such box."""
    found = sql_files.fetch(BoxLine, SQL, "box_line", number=number.strip().upper())
    return found[0] if found else None
