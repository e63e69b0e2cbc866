"""The analyzers of the measurement: set up by the actions, one for each line of the load."""

from dataclasses import dataclass
from datetime import datetime

from aliquot.entrypoints.bench.laboratory import (
    BENCHES,
    LOADER,
    Laboratory,
    free_ports,
    install_laboratory,
)
from aliquot.entrypoints.bench.links.messages import XN, Kind
from aliquot.flow.instruments.actions import install_analyzer
from aliquot.flow.instruments.rules.driver import models
from aliquot.foundation.context import acting
from aliquot.registers.network.models import Bench

MLLP_MODELS = ("generic_law", "siemens_atellica_solution")  # the first of these that there is
PLAN_LINES = 8


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the load connects: ports by kind, one analyzer each; and the laboratory around them."""

    laboratory: Laboratory
    ports: dict[Kind, tuple[int, ...]]
    analyzers: dict[Kind, tuple[int, ...]]


def install_lines(connections: int, *, at: datetime) -> Lines:
    """Load the registers and connect so many analyzers of each kind that a driver exists for."""
    laboratory = install_laboratory(PLAN_LINES, at=at)
    wanted: dict[Kind, str | None] = {"astm": XN, "mllp": mllp_model()}
    taken = {port for ports in laboratory.ports.values() for port in ports}
    offered = free_ports(connections * len(wanted) + len(taken))
    free = (port for port in offered if port not in taken)
    ports: dict[Kind, tuple[int, ...]] = {}
    analyzers: dict[Kind, tuple[int, ...]] = {}
    with acting(LOADER, reason="set up a measurement"):
        bench = Bench.objects.get(code=BENCHES[XN], department__site=laboratory.hub)
        for kind, model in wanted.items():
            if model:
                ports[kind] = tuple(next(free) for _ in range(connections))
                analyzers[kind] = tuple(
                    _connect(f"load-{kind}-{port}", model, port, bench, at) for port in ports[kind]
                )
    return Lines(laboratory, ports, analyzers)


def mllp_model() -> str | None:
    """A model that speaks HL7, if there is a driver of one."""
    return next((one for one in MLLP_MODELS if one in models()), None)


def _connect(code: str, model: str, port: int, bench: Bench, at: datetime) -> int:
    analyzer = install_analyzer(
        code=code, name=code, driver=model, bench=bench, listen_port=port, by=LOADER, at=at
    )
    return analyzer.pk
