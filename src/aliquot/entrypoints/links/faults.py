"""What can be wrong with a line, by a name that the pages and the log share: `name: detail`."""

import errno

import psycopg
from django.db import Error, OperationalError

from aliquot.flow.instruments.rules.layout import DriverError


class CloggedError(OSError):
    """So much waits for the database that no connection is taken and nothing is read."""

    def __init__(self) -> None:
        super().__init__("too much waits for the database; no connection is taken until it is kept")


_BY_NUMBER = {
    errno.EADDRINUSE: "port_in_use",
    errno.EADDRNOTAVAIL: "no_such_address",
    errno.ECONNREFUSED: "refused",  # nobody listens there: both may be set to call, or the device is off
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
    errno.ETIMEDOUT: "dead_peer",
    errno.ECONNRESET: "reset",
    errno.ENOENT: "not_found",
    errno.ENODEV: "not_found",
    errno.ENXIO: "not_found",
    errno.EIO: "device_gone",
    errno.EBUSY: "device_busy",
    errno.EACCES: "forbidden",
    errno.EPERM: "forbidden",
    errno.ENOSPC: "disk_full",
}


def named(fault: BaseException) -> str:
    """Return the name of a fault with its detail on one line."""
    if isinstance(fault, DriverError):
        name = "bad_driver"
    elif isinstance(fault, CloggedError):
        name = "clogged"
    elif isinstance(fault, OSError) and fault.errno in _BY_NUMBER:
        name = _BY_NUMBER[fault.errno]
    elif isinstance(fault, TimeoutError):
        name = "unreachable"
    elif _is_disk_full(fault):
        name = "disk_full"
    elif is_database_away(fault):
        name = "database_away"
    else:
        name = "line_failed"
    words = " ".join(str(fault).split()) or type(fault).__name__
    return f"{name}: {words}"


def is_database_away(fault: BaseException) -> bool:
    """Whether the database itself is the cause: not there, no room, no right to connect."""
    return isinstance(fault, OperationalError | psycopg.OperationalError)


def _is_disk_full(fault: BaseException) -> bool:
    inner = fault.__cause__ if isinstance(fault, Error) else fault
    return isinstance(inner, psycopg.Error) and inner.sqlstate == "53100"
