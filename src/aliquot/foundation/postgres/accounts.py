"""Which operating-system account runs the server, and which paths that account can reach."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

SYSTEM_ACCOUNT = "aliquot-db"


@dataclass(frozen=True)
class Account:
    """An account of this machine; PostgreSQL refuses to run as uid 0."""

    name: str
    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()


def account_for(data: Path) -> Account:
    """Return who runs the server on `data`: ourselves; as root the data's owner, else one without rights."""
    if os.geteuid() != 0:
        return _by_uid(os.geteuid())
    if data.exists() and data.stat().st_uid != 0:
        return _by_uid(data.stat().st_uid)
    return (
        _named("postgres") or _named(SYSTEM_ACCOUNT) or _created() or _by_uid(pwd.getpwnam("nobody").pw_uid)
    )


def can_reach(path: Path, account: Account) -> bool:
    """Say whether the account may pass every directory down to `path` and read `path` itself."""
    if account.is_ours:
        return True
    real = path.resolve()  # a link is passed by both its own folders and its target's
    if not all(_allows(parent, account, stat.S_IXOTH) for parent in {*path.parents, *real.parents}):
        return False
    return _allows(path, account, stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0))


def _allows(path: Path, account: Account, wanted: int) -> bool:
    found = path.stat()
    if found.st_uid == account.uid:
        wanted <<= 6
    elif found.st_gid == account.gid:
        wanted <<= 3
    return found.st_mode & wanted == wanted


def _by_uid(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:  # a container may run under a number that has no name
        return Account(str(uid), uid, os.getegid() if uid == os.geteuid() else uid)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _named(name: str) -> Account | None:
    try:
        return _by_uid(pwd.getpwnam(name).pw_uid)
    except KeyError:
        return None


def _created() -> Account | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return None
    command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_ACCOUNT]
    subprocess.run(command, check=False, capture_output=True)  # noqa: S603  every word is ours
    return _named(SYSTEM_ACCOUNT)
