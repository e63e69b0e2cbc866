"""Set up the demonstration: catalogue, region, analyzers, telephones. Idempotent: what is there stays."""

import os
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from aliquot.entrypoints.demonstration.contacts import install_contacts
from aliquot.entrypoints.demonstration.controls import HISTORY, install_controls
from aliquot.flow.instruments.actions import install_analyzer
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.results.actions.validating import adopt_as_prepared
from aliquot.foundation.actors import Actor, system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.actions import load_catalogue
from aliquot.registers.network.models import Bench, Site
from aliquot.registers.people.actions import load_region

LOADER = system_actor("installation")
FIRST_PORT = int(os.environ.get("ALIQUOT_LINK_PORT", "15021"))
LAST_PORT = 15900


@dataclass(frozen=True, slots=True)
class Device:
    """An analyzer of the demonstration's hub."""

    code: str
    name: str
    driver: str
    bench: str
    serial: str
    has_order_line: bool = False  # it takes its orders on a connection of their own


DEVICES = (
    Device(
        "ATELLICA",
        "Atellica Solution",
        "siemens_atellica_solution",
        "CHEM1",
        "DEMO-0930",
        has_order_line=True,
    ),
    Device("C311", "cobas c 311", "roche_cobas_c311", "CHEM1", "DEMO-0311"),
    Device("XN", "XN-1000", "sysmex_xn", "HEM1", "DEMO-1000"),
    Device("CENTAUR", "ADVIA Centaur XPT", "siemens_advia_centaur_xpt", "IA1", "DEMO-0078"),
    Device("IMMULITE", "IMMULITE 2000 XPi", "siemens_immulite2000", "IA1", "DEMO-2000"),
)


def install(*, at: datetime) -> None:
    """Load the registers, connect the analyzers, put the shipped rules in force; all is audited."""
    from aliquot.entrypoints.demonstration.rounds import install_rounds

    with acting(LOADER, reason="set up the demonstration"):
        load_catalogue(by=LOADER, at=at)
        load_region(by=LOADER, at=at)
        _connect(LOADER, at)
        install_contacts(by=LOADER, at=at)
        hub = Site.objects.get(kind=Site.Kind.HUB)
    install_controls(hub, at=at)
    install_rounds(hub, at=at)
    adopt_as_prepared(at=at - HISTORY - timedelta(days=1))


def _connect(by: Actor, at: datetime) -> None:
    benches = {bench.code: bench for bench in Bench.objects.select_related("department__site")}
    known = {one.code: one for one in Analyzer.objects.all()}
    ports = _ports_for(known.values())
    for device in DEVICES:
        old = known.get(device.code)
        port = old.listen_port if old and old.listen_port and _is_free(old.listen_port) else next(ports)
        orders = ""
        if device.has_order_line:
            orders = (old and old.order_address) or f"127.0.0.1:{next(ports)}"
        install_analyzer(
            code=device.code,
            name=device.name,
            driver=device.driver,
            bench=benches[device.bench],
            listen_port=port,
            order_address=orders,
            serial=device.serial,
            by=by,
            at=at,
        )


def _ports_for(known: Iterable[Analyzer]) -> Iterator[int]:
    """Free loopback ports that no analyzer has; two demonstrations on one machine take different ones."""
    taken = {one.listen_port for one in known}
    for port in range(FIRST_PORT, LAST_PORT):
        if port not in taken and _is_free(port):
            yield port
    raise Refused(f"no free port between {FIRST_PORT} and {LAST_PORT}; set ALIQUOT_LINK_PORT")


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
