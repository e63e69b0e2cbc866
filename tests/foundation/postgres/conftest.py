import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from aliquot.foundation.postgres import ensure_running, status, stop
from aliquot.foundation.postgres.accounts import Account, can_reach

ROOT = Path(__file__).parents[3]
PATHS = [str(ROOT / "src"), str(Path(psycopg.__file__).parents[1])]


def make_open_home() -> Path:
    """Return a home every account can pass through; pytest's own folders are closed to all but their owner."""
    home = Path(tempfile.mkdtemp(prefix="aliquot-home-"))
    home.chmod(0o755)
    return home


def discard(home: Path) -> None:
    """Stop the server of a test and remove every trace of it."""
    if not home.exists():
        return
    stop(home, "immediate")
    data = status(home).data
    shutil.rmtree(data if data.parent == home else data.parent, ignore_errors=True)
    shutil.rmtree(home)


def python_for(user: str | None) -> str:
    """Return a Python of our version that the account can run; ours may lie below a closed folder."""
    mine = Path(sys.executable)
    if user is None or can_reach(mine, account_of(user)):
        return str(mine)
    system = Path(f"/usr/bin/python3.{sys.version_info.minor}")
    if not (system.exists() and can_reach(ROOT / "src", account_of(user))):
        pytest.skip(f"{user} can reach neither a Python nor this checkout")
    return str(system)


def account_of(user: str) -> Account:
    entry = pwd.getpwnam(user)
    return Account(user, entry.pw_uid, entry.pw_gid)


@pytest.fixture
def new_home() -> Iterator[Path]:
    home = make_open_home()
    yield home
    discard(home)


@pytest.fixture(scope="module")
def _made_home() -> Iterator[Path]:
    home = make_open_home()
    ensure_running(home)
    yield home
    discard(home)


@pytest.fixture
def home(_made_home: Path) -> Path:
    """Return a home whose server runs; a test may do to the server what it likes."""
    ensure_running(_made_home)
    return _made_home


@pytest.fixture
def start_python() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Return a starter of Python processes that import aliquot; none outlives its test."""
    started: list[subprocess.Popen[str]] = []

    def start(program: str, *words: object, user: str | None = None) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [
                python_for(user),
                "-I",
                "-c",
                f"import sys; sys.path[:0] = {PATHS!r}\n{program}",
                *map(str, words),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            user=user,
            group=None if user is None else account_of(user).gid,
            extra_groups=None if user is None else [],
            cwd="/",
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
