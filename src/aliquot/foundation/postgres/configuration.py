"""What the server is told: sized by the machine, loopback only, every connection by password."""

import os
from pathlib import Path

GIB = 1024**3
ACCESS = """\
# Written by Aliquot at every start. Loopback only, always with a password;
# physical replication is for the superuser's backups alone.
host  all          all       127.0.0.1/32  scram-sha-256
host  replication  postgres  127.0.0.1/32  scram-sha-256
"""


def write_configuration(data: Path, *, owner: tuple[int, int]) -> None:
    """Write aliquot.conf and pg_hba.conf into the data folder; `owner` is the uid and gid that reads them."""
    _write(data / "aliquot.conf", settings_text(memory_bytes(), _shared_memory_bytes()), owner)
    _write(data / "pg_hba.conf", ACCESS, owner)
    main = data / "postgresql.conf"
    if "include 'aliquot.conf'" not in main.read_text():
        _write(main, main.read_text() + "\ninclude 'aliquot.conf'\n", owner)


def settings_text(memory: int, shared_memory: int) -> str:
    """Return the text of aliquot.conf for a machine with that much memory and /dev/shm, in bytes."""
    megabytes = memory // 1024**2
    facts = {
        "listen_addresses": "'127.0.0.1'",
        "unix_socket_directories": "''",
        "password_encryption": "'scram-sha-256'",
        "max_connections": "120",
        "shared_buffers": f"'{max(64, min(512, megabytes // 8))}MB'",
        "effective_cache_size": f"'{max(256, megabytes // 2)}MB'",
        "work_mem": "'16MB'" if memory >= 4 * GIB else "'4MB'",
        "maintenance_work_mem": "'128MB'" if memory >= 4 * GIB else "'64MB'",
        "random_page_cost": "1.1",
        "wal_level": "'logical'",
        "wal_compression": "on",
        "checkpoint_timeout": "'15min'",
        "max_wal_size": "'4GB'",
        "max_slot_wal_keep_size": "'8GB'",
        # a federation subscribes to each of its regions, and copies of tables run beside
        "max_worker_processes": "32",
        "max_logical_replication_workers": "24",
        "max_replication_slots": "40",
        "max_wal_senders": "20",
        "jit": "off",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "log_line_prefix": "'%m [%p] %u@%d '",
        "log_lock_waits": "on",
        "logging_collector": "off",
        "dynamic_shared_memory_type": "'posix'" if shared_memory >= GIB // 4 else "'mmap'",
    }
    lines = [f"{name} = {value}" for name, value in facts.items()]
    return "\n".join(
        ["# Written by Aliquot at every start; put your own settings into postgresql.auto.conf.", *lines, ""]
    )


def memory_bytes() -> int:
    """Return the machine's memory, or the container's limit when that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(total, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):  # no cgroup v2, or the word "max"
        return total


def _shared_memory_bytes() -> int:
    try:
        found = os.statvfs("/dev/shm")  # noqa: S108  the mount that PostgreSQL itself uses
    except OSError:
        return 0
    return found.f_frsize * found.f_blocks


def _write(file: Path, text: str, owner: tuple[int, int]) -> None:
    half = file.with_name(f"{file.name}.new")
    half.write_text(text)
    half.chmod(0o600)
    if owner[0] != os.geteuid():
        os.chown(half, *owner)
    half.replace(file)
