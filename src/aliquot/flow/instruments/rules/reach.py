"""Whether an analyzer can be reached as somebody typed it: which field is wrong, by a code.

LIS01-A2 8.2.1.1: the computer is the TCP server; many devices do the reverse, some want a second connection.
"""

from collections.abc import Callable
from dataclasses import dataclass

from aliquot.flow.instruments.rules.addresses import (
    HIGHEST_PORT,
    AddressError,
    folder_address,
    serial_address,
    tcp_address,
)

LOWEST_PORT = 1024
TRANSPORTS = ("listen", "dial", "serial", "folder")
QUERY_POLICIES = ("answer", "preload", "both")
ADDRESS_LIMIT = 500  # characters
_FORMS: dict[str, tuple[Callable[[str], object], str]] = {
    "dial": (tcp_address, "not_host_port"),
    "serial": (serial_address, "not_a_serial_port"),
    "folder": (folder_address, "not_a_folder"),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """How an analyzer is reached, and when it is told what to measure."""

    transport: str = "listen"
    listen_port: int | None = None
    address: str = ""
    order_address: str = ""
    query_policy: str = "answer"


def tidy_reach(reach: Reach) -> Reach:
    """Return it without what its transport does not use."""
    is_listening = reach.transport == "listen"
    return Reach(
        reach.transport,
        reach.listen_port if is_listening else None,
        "" if is_listening else reach.address.strip(),
        reach.order_address.strip(),
        reach.query_policy,
    )


def faults_of(reach: Reach) -> dict[str, str]:
    """Return the code of what is wrong, by field; nothing when the analyzer can be reached like this."""
    faults: dict[str, str] = {}
    if reach.transport not in TRANSPORTS:
        faults["transport"] = "unknown_transport"
    elif code := _fault_of_place(reach):
        faults["listen_port" if reach.transport == "listen" else "address"] = code
    if reach.query_policy not in QUERY_POLICIES:
        faults["query_policy"] = "unknown_policy"
    elif reach.query_policy != "answer" and reach.transport == "folder":
        faults["query_policy"] = "folder_takes_no_orders"
    if reach.order_address and reach.transport not in {"listen", "dial"}:
        faults["order_address"] = "no_second_connection"
    elif reach.order_address and not _is_read(tcp_address, reach.order_address):
        faults["order_address"] = "not_host_port"
    return faults


def _fault_of_place(reach: Reach) -> str:
    if reach.transport == "listen":
        port = reach.listen_port
        return "" if port is not None and LOWEST_PORT <= port <= HIGHEST_PORT else "port_out_of_range"
    if len(reach.address) > ADDRESS_LIMIT:
        return "address_too_long"
    read, code = _FORMS[reach.transport]
    return "" if _is_read(read, reach.address) else code


def _is_read(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except AddressError:
        return False
    return True
