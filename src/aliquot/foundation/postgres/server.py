"""Start, adopt, stop and look at the PostgreSQL server of one home."""

import atexit
import functools
import os
import shutil
import signal
import socket
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from aliquot.foundation.postgres import locks, processes
from aliquot.foundation.postgres.binaries import Installation, find_installation
from aliquot.foundation.postgres.configuration import write_configuration
from aliquot.foundation.postgres.errors import PostgresUnavailable
from aliquot.foundation.postgres.passwords import password_of
from aliquot.foundation.postgres.places import Place, place_of, prepare_folder, reachable

HOST = "127.0.0.1"
SUPERUSER = "postgres"
START_PATIENCE = 300.0  # seconds; replaying the log after a crash is bounded by max_wal_size
ANSWER_PATIENCE = 2.0  # seconds for one answer of a server that runs already
SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"  # PostgreSQL protocol 3, 54.2.11: answered by one letter
LOG_LIMIT = 20 * 1024**2
STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, how the superuser gets in, where its data and log lie."""

    host: str
    port: int
    superuser_url: str
    data: Path
    log: Path
    version: int
    pid: int

    def url(self, database: str, user: str, password: str) -> str:
        """Return the address of one database for one user."""
        return make_url(self.host, self.port, database, user, password)


@dataclass(frozen=True)
class Status:
    """What there is of a home's server; `pid` and `port` are None while it does not run."""

    running: bool
    pid: int | None
    port: int | None
    data: Path
    log: Path
    version: int | None
    account: str


def ensure_running(home: Path, *, detach: bool = True, choice: str | None = None) -> Server:
    """Return the server of `home`, adopted when it runs, else started; made from nothing the first time.

    `detach=False`: the last process that asked this way stops the server when it ends normally. `choice` is
    embedded, system or a folder of programs; by default `ALIQUOT_POSTGRES`, else whichever is there, embedded
    first. Raises PostgresUnavailable.
    """
    home = _make_home(home)
    with locks.only_supervisor(home):
        place = place_of(home)
        if place.is_left_over:
            _set_aside(place)
        running = _adopted(place) or _started(place, choice or os.environ.get("ALIQUOT_POSTGRES"))
        if detach:
            _keep_file(home).touch()
        else:
            _stop_after_last_user(home)
        return _server(place, running)


def stop(home: Path, mode: Literal["smart", "fast", "immediate"] = "fast") -> bool:
    """Stop the server of `home`; return whether one ran. `immediate` is a crash: the log is replayed."""
    home = home.resolve()
    if not home.is_dir():
        return False
    with locks.only_supervisor(home):
        _keep_file(home).unlink(missing_ok=True)
        return _stopped(place_of(home), STOP_SIGNALS[mode])


def status(home: Path) -> Status:
    """Return what there is of the server of `home`, without changing anything."""
    place = place_of(home.resolve())
    live = processes.live_postmaster(place.data)
    return Status(
        running=live is not None,
        pid=live.pid if live else None,
        port=live.port if live else None,
        data=place.data,
        log=place.log,
        version=place.version,
        account=place.account.name,
    )


def make_url(host: str, port: int, database: str, user: str, password: str) -> str:
    """Return a libpq address with every part quoted."""
    who = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return f"postgresql://{who}@{host}:{port}/{quote(database, safe='')}"


def _make_home(home: Path) -> Path:
    home = home.resolve()
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PostgresUnavailable(
            f"{home} cannot be made: {error}.", "Set ALIQUOT_HOME to a folder of yours."
        ) from error
    if not os.access(home, os.W_OK):
        raise PostgresUnavailable(
            f"{home} belongs to another account.",
            "Run as that account, or set ALIQUOT_HOME to a folder of yours.",
        )
    return home


def _set_aside(place: Place) -> None:
    """Move data of an earlier home at this path out of the way; they are somebody's, so they are kept."""
    _stopped(place, signal.SIGQUIT)
    place.data.rename(place.data.with_name(f"earlier-{datetime.now(UTC):%Y%m%d%H%M%S}"))


def _adopted(place: Place) -> processes.PidFile | None:
    """Return the server that already runs and is ready; one that is going down is waited for and is none."""
    live = processes.live_postmaster(place.data)
    if live is None:
        return None
    if live.state != "stopping" and (found := _answering(place, live.pid)):
        return found
    processes.wait_until(lambda: not processes.is_alive(live.pid), START_PATIENCE)
    return None


def _answering(place: Place, pid: int) -> processes.PidFile | None:
    """The ready server once it has answered; None when it ends first: one just killed still looks alive."""
    found: list[processes.PidFile] = []

    def settled() -> bool:
        said = processes.read_pid_file(place.data)
        if said and said.pid == pid and said.state == "ready" and _answers(said.port):
            found.append(said)
        return bool(found) or not processes.is_alive(pid)

    if not processes.wait_until(settled, START_PATIENCE):
        raise PostgresUnavailable(
            f"PostgreSQL {pid} runs but does not answer. Its last words:\n{_last_words(place.log)}",
            f"End it by its number; the whole log is {place.log}.",
        )
    return found[0] if found else None


def _answers(port: int) -> bool:
    """Whether a backend says a word: the kernel alone accepts connections for a server that is no more."""
    try:
        with socket.create_connection((HOST, port), ANSWER_PATIENCE) as line:
            line.sendall(SSL_REQUEST)
            return line.recv(1) in (b"S", b"N")
    except OSError:
        return False


def _started(place: Place, choice: str | None) -> processes.PidFile:
    installation = reachable(find_installation(choice, place.version), place.account)
    if place.version is None:
        _initialise(place, installation)
    processes.clear_orphans(place.data)
    (place.data / "postmaster.pid").unlink(missing_ok=True)
    owner = (place.account.uid, place.account.gid)
    write_configuration(place.data, owner=owner)
    pid = _launched(place, installation)
    return _ready(place, pid)


def _initialise(place: Place, installation: Installation) -> None:
    """Make the data in a folder beside, and move it into place only when it is whole."""
    prepare_folder(place)
    half = place.data.with_name(f"{place.data.name}.new")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    if not place.account.is_ours:
        os.chown(half, place.account.uid, place.account.gid)
    with tempfile.NamedTemporaryFile("w") as secret:
        secret.write(password_of(place.home, "postgres_superuser"))
        secret.flush()
        os.chown(secret.name, place.account.uid, place.account.gid)
        said = processes.run_as(place.account, [*_initdb(installation), "--pwfile", secret.name, "-D", half])
    if said.returncode:
        raise PostgresUnavailable(
            f"initdb could not make {half}: {said.stderr.strip()[-800:]}",
            "Free disk space and check the folder's owner, then try again.",
        )
    half.rename(place.data)


def _initdb(installation: Installation) -> list[str | Path]:
    """Return initdb with an order of texts that no operating-system upgrade can change."""
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    locale = builtin if installation.version >= 17 else ["--locale=C.UTF-8"]  # noqa: PLR2004  the first with the provider
    return [installation.folder / "initdb", "-U", SUPERUSER, "-E", "UTF8", "--auth=scram-sha-256", *locale]


def _launched(place: Place, installation: Installation) -> int:
    if place.log.exists() and place.log.stat().st_size > LOG_LIMIT:
        place.log.replace(place.log.with_suffix(".log.1"))
    program: list[str | Path] = [
        installation.folder / "postgres",
        "-D",
        place.data,
        "-p",
        str(_port(place.home)),
    ]
    with place.log.open("ab") as log:
        place.log.chmod(0o600)
        return processes.start_as(place.account, program, log)


def _port(home: Path) -> int:
    """Return the port this home used before, or a free one when there was none or another took it."""
    file = home / "postgres.port"
    before = int(file.read_text()) if file.exists() else 0
    port = _free_port(before) or _free_port(0)
    file.write_text(f"{port}\n")
    return port


def _free_port(wanted: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as PostgreSQL does; a listener still refuses
        try:
            probe.bind((HOST, wanted))
        except OSError:
            return 0
        return int(probe.getsockname()[1])


def _ready(place: Place, pid: int) -> processes.PidFile:
    """Wait until the postmaster accepts connections; fail with the log's last words when it ends first."""

    def settled() -> bool:
        said = processes.read_pid_file(place.data)
        return bool(said and said.pid == pid and said.state == "ready") or not processes.is_alive(pid)

    in_time = processes.wait_until(settled, START_PATIENCE)
    found = processes.live_postmaster(place.data)
    if found and found.state == "ready":
        return found
    what = "ended while starting" if in_time else f"is not ready after {START_PATIENCE:.0f} s"
    raise PostgresUnavailable(
        f"PostgreSQL {what}. Its last words:\n{_last_words(place.log)}", f"The whole log is {place.log}."
    )


def _last_words(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-8:])


def _server(place: Place, running: processes.PidFile) -> Server:
    if not place.superuser_file.exists():
        raise PostgresUnavailable(
            f"{place.superuser_file} is gone, so nobody can enter the database as its superuser.",
            f"Put the file back from a copy of {place.home}.",
        )
    password = password_of(place.home, "postgres_superuser")
    url = make_url(HOST, running.port, "postgres", SUPERUSER, password)
    return Server(HOST, running.port, url, place.data, place.log, place.version or 0, running.pid)


def _stopped(place: Place, how: signal.Signals) -> bool:
    live = processes.live_postmaster(place.data)
    if live is None:
        return False
    processes.send(live.pid, how)
    if processes.wait_until(lambda: not processes.is_alive(live.pid), START_PATIENCE):
        return True
    raise PostgresUnavailable(f"The server {live.pid} does not stop.", f"Look into {place.log}.")


def _keep_file(home: Path) -> Path:
    return home / "postgres.kept"


@functools.cache
def _stop_after_last_user(home: Path) -> None:
    locks.join_users(home)
    atexit.register(_leave, home, os.getpid())


def _leave(home: Path, joined_by: int) -> None:
    """Stop the server when this process was its last user; a forked child is not the one that joined."""
    if os.getpid() != joined_by or not home.is_dir():
        return
    with locks.only_supervisor(home):
        if locks.leave_users(home) and not _keep_file(home).exists():
            _stopped(place_of(home), signal.SIGINT)
