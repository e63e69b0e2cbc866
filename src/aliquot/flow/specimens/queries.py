"""Where tubes are, what they went through, and what reception must know of them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from aliquot.flow.specimens.models import Specimen, SpecimenEvent, SpecimenTest
from aliquot.flow.specimens.rules.acceptance import Lane, TestLimits, TestVerdict
from aliquot.flow.specimens.rules.intake import TestAsked, TubeFacts, judge_tests
from aliquot.flow.specimens.rules.tubes import ContainerFacts, PlannedTube, TestNeed, tubes_for
from aliquot.foundation import sql_files
from aliquot.foundation.naming import is_russian
from aliquot.registers.catalogue.models import Container, Test
from aliquot.registers.network.models import Site

SQL = Path(__file__).parent / "sql"

_WAITING = frozenset({SpecimenTest.State.PENDING.value, SpecimenTest.State.HELD.value})
_UNDER_WAY = (
    Specimen.State.COLLECTED,
    Specimen.State.PACKED,
    Specimen.State.IN_TRANSIT,
    Specimen.State.ARRIVED,
)


def find_specimen(number: str) -> Specimen | None:
    """The tube with this bar code that the actor may see, or None."""
    return (
        Specimen.objects.select_related("order__patient", "container", "specimen_type", "custody_site")
        .filter(number=number.strip())
        .first()
    )


def journey(specimen: Specimen) -> QuerySet[SpecimenEvent]:
    """Every step of a tube, first step first."""
    return specimen.events.select_related("site").order_by("at", "id")


def to_collect(site: Site) -> QuerySet[Specimen]:
    """Tubes still to be drawn at a site, urgent ones first, then by patient in the order of draw."""
    return (
        Specimen.objects.filter(
            ordering_site=site,
            state__in=[Specimen.State.PLANNED, Specimen.State.LABELLED],
            order__state="placed",
        )
        .select_related("order__patient", "container", "specimen_type")
        .order_by("-order__urgency", "order_id", "container__draw_order", "id")
    )


def to_spin(site: Site) -> QuerySet[Specimen]:
    """Tubes drawn and still at this site that must be centrifuged and were not, first drawn first."""
    return (
        Specimen.objects.filter(
            custody_site=site, state=Specimen.State.COLLECTED, is_centrifuged=True, spun_at=None
        )
        .select_related("order__patient", "container")
        .order_by("collected_at", "id")
    )


def to_pack(site: Site) -> QuerySet[Specimen]:
    """Tubes drawn at this site that wait for a box, urgent ones first."""
    return (
        Specimen.objects.filter(custody_site=site, ordering_site=site, state=Specimen.State.COLLECTED)
        .exclude(laboratory=site)
        .select_related("order__patient", "container")
        .order_by("-order__urgency", "collected_at", "id")
    )


def tubes_needed(tests: Iterable[Test]) -> tuple[PlannedTube, ...]:
    """The tubes that an order for these tests would take, in the order of draw; nothing is planned.

    Raises ValueError when the catalogue cannot hold a test in its container.
    """
    return tubes_for([need_of(test) for test in tests], containers_by_code())


def need_of(test: Test) -> TestNeed:
    """What a test takes, as the rule of tubes asks."""
    return TestNeed(
        test.code,
        test.container.code,
        test.specimen_type.code,
        test.volume_ul,
        test.is_centrifuged,
        test.handling,
    )


def containers_by_code() -> dict[str, ContainerFacts]:
    """Every container as the rule of tubes asks, by code."""
    return {
        one.code: ContainerFacts(one.code, one.draw_order, one.usable_whole_ul, one.usable_spun_ul)
        for one in Container.objects.all()
    }


def expected_at(site: Site) -> QuerySet[Specimen]:
    """Tubes drawn and on their way to this laboratory, or waiting at its door; urgent ones first."""
    return (
        Specimen.objects.filter(laboratory=site, state__in=_UNDER_WAY)
        .select_related("order", "container", "ordering_site", "custody_site")
        .order_by("-order__urgency", "collected_at", "id")
    )


def rejected_tests(site: Site) -> QuerySet[SpecimenTest]:
    """Rejected tests, and tests of tubes that went missing, for which nothing else is under way.

    What a clinic draws again or gives up; a test for which a new tube was requested is no longer among them.
    """
    return lost_tests().filter(ordering_site=site)


def lost_tests() -> QuerySet[SpecimenTest]:
    """The same of every site that the actor sees."""
    lost = Q(state=SpecimenTest.State.REJECTED) | Q(specimen__state=Specimen.State.MISSING)
    live = (
        SpecimenTest.objects.filter(order_item=OuterRef("order_item"))
        .exclude(state__in=[SpecimenTest.State.REJECTED, SpecimenTest.State.CANCELLED])
        .exclude(specimen__state=Specimen.State.MISSING)
    )
    later = SpecimenTest.objects.filter(order_item=OuterRef("order_item"), pk__gt=OuterRef("pk"))
    return (
        SpecimenTest.objects.filter(lost, ~Exists(live), ~Exists(later))
        .filter(order_item__state="open")
        .exclude(specimen__state=Specimen.State.CANCELLED)
        .select_related(
            "specimen__container",
            "specimen__ordering_site",
            "test",
            "rejection_reason",
            "order_item__order__patient",
        )
        .order_by("specimen_id", "id")
    )


@dataclass(frozen=True, slots=True)
class _IntakeRow:
    # Django leaves jsonb as text on its connections
    id: int
    number: str
    state: str
    laboratory_id: int
    container: str
    collected_at: datetime | None
    spun_at: datetime | None
    lane: str
    condition: str
    is_irreplaceable: bool
    order_state: str
    tests: str | None


def tubes_at_intake(numbers: Iterable[str]) -> list[TubeFacts]:
    """What reception's rule needs of the tubes with these numbers, locked; one statement for all."""
    return [_tube(row) for row in sql_files.fetch(_IntakeRow, SQL, "claim_intake", numbers=list(numbers))]


def foresee_intake(number: str, *, at: datetime) -> tuple[TestVerdict, ...]:
    """What acceptance would say now of each waiting test of this tube; nothing for a number not seen here."""
    return tuple(verdict for tube in tubes_at_intake([number]) for verdict in judge_tests(tube, at))


def _tube(row: _IntakeRow) -> TubeFacts:
    return TubeFacts(
        id=row.id,
        number=row.number,
        state=row.state,
        laboratory_id=row.laboratory_id,
        container=row.container,
        collected_at=row.collected_at,
        spun_at=row.spun_at,
        lane=Lane(row.lane),
        observed=frozenset(json.loads(row.condition)),
        is_irreplaceable=row.is_irreplaceable,
        is_order_cancelled=row.order_state == "cancelled",
        tests=tuple(_asked(one) for one in json.loads(row.tests or "[]")),
    )


def _asked(one: dict[str, Any]) -> TestAsked:
    limits = {name: one[name] for name in TestLimits.__slots__ if name != "spoilt_by"}
    return TestAsked(
        id=one["id"],
        limits=TestLimits(**limits, spoilt_by=frozenset(one["spoilt_by"])),
        is_waiting=one["state"] in _WAITING and one["item"] == "open",
    )


@dataclass(frozen=True, slots=True)
class TubeRow:
    """A tube as a scanner's list shows it: no patient; `tests` counts those that were not withdrawn."""

    id: int
    number: str
    state: str
    cap: str
    container_en: str
    container_ru: str
    urgency: str
    tests: int
    origin_en: str
    origin_ru: str
    lane: str
    collected_at: datetime | None
    arrived_at: datetime | None
    missing_at: datetime | None
    condition: str

    @property
    def container(self) -> str:
        """The container in the reader's language."""
        return self.container_ru if is_russian() else self.container_en

    @property
    def origin(self) -> str:
        """Where it was drawn, in the reader's language."""
        return self.origin_ru if is_russian() else self.origin_en

    @property
    def conditions(self) -> list[str]:
        """What reception noted, as codes of rejection reasons."""
        return list(json.loads(self.condition))


def tube_rows(numbers: Iterable[str]) -> list[TubeRow]:
    """The tubes with these numbers that the actor sees, urgent and oldest first; one statement for all."""
    return sql_files.fetch(TubeRow, SQL, "tube_rows", numbers=list(numbers))


def numbers_at(site: Site, state: str, *, limit: int = 5000) -> list[str]:
    """Numbers of the tubes of a state in a laboratory's custody or bound for it, first drawn first."""
    found = Specimen.objects.filter(laboratory=site, state=state).order_by("collected_at", "id")
    return list(found.values_list("number", flat=True)[:limit])


def tests_to_decide(site: Site) -> QuerySet[SpecimenTest]:
    """Tests held, or rejected and not drawn again, whose order is still open: a person decides each."""
    later = SpecimenTest.objects.filter(order_item=OuterRef("order_item"), pk__gt=OuterRef("pk"))
    return (
        SpecimenTest.objects.filter(
            laboratory=site,
            state__in=[SpecimenTest.State.HELD, SpecimenTest.State.REJECTED],
            order_item__state="open",
        )
        .exclude(Exists(later))
        .exclude(specimen__state=Specimen.State.CANCELLED)
        .select_related(
            "specimen__container", "specimen__ordering_site", "specimen__order", "test", "rejection_reason"
        )
        .order_by("-specimen__order__urgency", "specimen__collected_at", "specimen_id", "id")
    )


def tests_of(specimen: Specimen) -> QuerySet[SpecimenTest]:
    """The tests a tube serves, in the order of the report."""
    return specimen.tests.select_related("test", "rejection_reason", "order_item").order_by(
        "order_item__position", "id"
    )
