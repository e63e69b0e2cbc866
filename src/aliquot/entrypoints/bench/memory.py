"""How much memory each process took at its most, as the kernel counted it."""

from pathlib import Path

from aliquot.entrypoints.bench.processes import Processes
from aliquot.entrypoints.bench.session import Session

KIB = 1024
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"


def memory_of(session: Session, processes: Processes) -> dict[str, float]:
    """MB by process: the peak of each of ours, and of the database session that holds most of its own.

    What database sessions share is not counted to any of them: `shared_buffers` bounds it.
    """
    found = {name: _mb(process.pid, "VmHWM") for name, process in processes.running.items()}
    own = [_mb(row[0], "RssAnon") for row in session.text(BACKENDS)]
    return {**found, "largest_database_session": max(own, default=0.0)}


def _mb(pid: int, key: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    kib = next((line.split()[1] for line in lines if line.startswith(f"{key}:")), "0")
    return round(int(kib) * KIB / 1e6, 1)
