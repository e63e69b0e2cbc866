"""What the figures were measured on: cores, load, versions, and how fast the disk keeps its word."""

import os
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

from aliquot.entrypoints.bench.session import Session

PROBE_SECONDS = 1.0
BLOCK = b"\0" * 8192  # a page of the database's log
PACKAGES = ("aliquot", "django", "psycopg", "orjson", "granian")
SETTINGS = ("fsync", "full_page_writes", "shared_buffers", "synchronous_commit", "wal_level", "max_wal_size")


def machine_facts(session: Session, folder: Path) -> dict[str, Any]:
    """Processor, memory, load of the last minute, versions, the server's settings and the disk's rate."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3, 1),
        "system": platform.platform(),
        "load_average": load_average(),
        "python": sys.version.split()[0],
        "packages": {name: version(name) for name in PACKAGES},
        "postgresql": session.value("SHOW server_version"),
        "settings": {name: session.value(f"SHOW {name}") for name in SETTINGS},
        "fsyncs_per_second": fsyncs_per_second(folder),
    }


def load_average() -> list[float]:
    """Of one, five and fifteen minutes."""
    return [round(one, 2) for one in os.getloadavg()]


def fsyncs_per_second(folder: Path) -> int:
    """How many times a second a page is written there and forced to the disk, one after the other."""
    with tempfile.TemporaryFile(dir=folder) as file:
        began, count = perf_counter(), 0
        while perf_counter() - began < PROBE_SECONDS:
            os.pwrite(file.fileno(), BLOCK, 0)
            os.fdatasync(file.fileno())
            count += 1
        return round(count / (perf_counter() - began))


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
