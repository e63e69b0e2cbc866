"""What was chosen for an order, and the tubes that it would take."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from aliquot.flow.orders.rules.panels import Expansion, expand
from aliquot.flow.specimens.queries import tubes_needed
from aliquot.flow.specimens.rules.tubes import PlannedTube
from aliquot.registers.catalogue.models import Container, Test
from aliquot.registers.catalogue.queries import Orderable, all_panels, known_codes, orderables, tests_by_code

MICROLITRES = 1000


@dataclass(frozen=True, slots=True)
class Chosen:
    """A test or panel of the basket, with the short names of what it brings."""

    what: Orderable
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tube:
    """One tube as the nurse will take it from the rack."""

    container: Container
    tests: tuple[str, ...]
    is_centrifuged: bool
    millilitres: float
    fill: int


@dataclass(frozen=True, slots=True)
class Basket:
    """The chosen, the tubes in the order of draw, and what is measured once for several panels."""

    chosen: tuple[Chosen, ...] = ()
    tubes: tuple[Tube, ...] = ()
    calculated: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    fault: str = ""
    test_count: int = 0

    @property
    def millilitres(self) -> float:
        """What is drawn in all."""
        return sum(tube.millilitres for tube in self.tubes)


def fill_basket(codes: Iterable[str]) -> Basket:
    """The basket of these codes, each once; a code that nobody knows is left out."""
    wanted = list(dict.fromkeys(codes))
    panels, known = all_panels(), known_codes()
    expansion = expand(wanted, panels, known)
    tests = tests_by_code(one.code for one in expansion.tests)
    if not tests:
        return Basket()
    try:
        planned, fault = tubes_needed(tests.values()), ""
    except ValueError as wrong:
        planned, fault = (), _("The tubes cannot be planned. %(fault)s") % {"fault": wrong}
    chosen = [
        Chosen(one, tuple(tests[t.code].short for t in expand([one.code], panels, known).tests))
        for one in orderables(wanted)
    ]
    return Basket(
        tuple(chosen),
        _tubes(planned, tests),
        tuple(one.short for one in tests.values() if one.volume_ul == 0),
        _shared(expansion, tests, wanted),
        fault,
        len(tests),
    )


def _tubes(planned: Iterable[PlannedTube], tests: dict[str, Test]) -> tuple[Tube, ...]:
    containers = {one.container.code: one.container for one in tests.values()}
    return tuple(
        Tube(
            containers[tube.container],
            tuple(tests[code].short for code in tube.tests),
            tube.is_centrifuged,
            containers[tube.container].draw_volume_ul / MICROLITRES,
            min(100, round(100 * tube.volume_ul / tube.capacity_ul)),
        )
        for tube in planned
    )


def _shared(expansion: Expansion, tests: dict[str, Test], wanted: list[str]) -> tuple[str, ...]:
    """Tests that more than one of the chosen ask for: they are measured once."""
    return tuple(
        tests[one.code].short for one in expansion.tests if len(one.panels) + (one.code in wanted) > 1
    )
