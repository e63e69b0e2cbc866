"""Set up the demonstration: catalogue, region, five analyzers. Idempotent: what is there stays."""

import os
import socket
from dataclasses import dataclass
from datetime import datetime

from aliquot.flow.instruments.actions import install_analyzer
from aliquot.foundation.actors import Actor, system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.actions import load_catalogue
from aliquot.registers.network.models import Bench
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
    """Load the registers and connect the analyzers; each change is in the audit with 'installation'."""
    with acting(LOADER, reason="set up the demonstration"):
        load_catalogue(by=LOADER, at=at)
        load_region(by=LOADER, at=at)
        _connect(LOADER, at)


def _connect(by: Actor, at: datetime) -> None:
    benches = {bench.code: bench for bench in Bench.objects.select_related("department__site")}
    ports = iter(_free_ports(len(DEVICES) + sum(one.has_order_line for one in DEVICES)))
    for device in DEVICES:
        port = next(ports)
        install_analyzer(
            code=device.code,
            name=device.name,
            driver=device.driver,
            bench=benches[device.bench],
            listen_port=port,
            order_address=f"127.0.0.1:{next(ports)}" if device.has_order_line else "",
            serial=device.serial,
            by=by,
            at=at,
        )


def _free_ports(count: int) -> range:
    """The first run of free loopback ports; two demonstrations on one machine take different ones."""
    for first in range(FIRST_PORT, LAST_PORT, count):
        ports = range(first, first + count)
        if all(_is_free(port) for port in ports):
            return ports
    raise Refused(f"no {count} free ports between {FIRST_PORT} and {LAST_PORT}; set ALIQUOT_LINK_PORT")


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
