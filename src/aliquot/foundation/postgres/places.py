"""Where data and programs lie, so that the account that runs the server can reach them."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from aliquot.foundation.postgres.accounts import Account, account_for, can_reach
from aliquot.foundation.postgres.binaries import Installation
from aliquot.foundation.postgres.errors import PostgresUnavailable

SHARED_ROOT = Path("/var/lib/aliquot")  # where a system service keeps its state


@dataclass(frozen=True)
class Place:
    """One home's server: its data folder, and the account the server runs as."""

    home: Path
    data: Path
    account: Account

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def marker(self) -> Path:
        """The file that says where the data are, when they lie outside home."""
        return self.home / "postgres.place"

    @property
    def superuser_file(self) -> Path:
        return self.home / "secrets" / "postgres_superuser"

    @property
    def is_left_over(self) -> bool:
        """Say whether the data outside home are those of a home that was removed from this path."""
        outside = self.data.parent != self.home
        return outside and self.data.exists() and not (self.marker.exists() or self.superuser_file.exists())

    @property
    def version(self) -> int | None:
        """The major version that wrote the data; None while there are none."""
        try:
            return int((self.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None


def place_of(home: Path) -> Place:
    """Return where the server of `home` lives; data go below home when the account can reach it."""
    marker = home / "postgres.place"
    if marker.exists():
        data = Path(marker.read_text().strip())
        return Place(home, data, account_for(data))
    inside = home / "postgres"
    account = account_for(inside)
    if inside.exists() or can_reach(home, account):
        return Place(home, inside, account)
    return Place(home, SHARED_ROOT / hashlib.sha256(os.fsencode(home)).hexdigest()[:16] / "postgres", account)


def prepare_folder(place: Place) -> None:
    """Make the data folder's parent; when it lies outside home, leave a marker in home that says where."""
    parent = place.data.parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PostgresUnavailable(
            f"{place.account.name} cannot reach {place.home}, and {parent} cannot be made: {error}.",
            "Set ALIQUOT_HOME to a folder that every account may pass through, such as one below /srv.",
        ) from error
    if parent != place.home:
        place.marker.write_text(f"{place.data}\n")
        (parent / "home").write_text(f"{place.home}\n")


def reachable(installation: Installation, account: Account) -> Installation:
    """Return the programs where the account can run them: copied once if they lie below a closed folder."""
    if can_reach(installation.folder / "postgres", account):
        return installation
    program = (installation.folder / "postgres").stat()
    what = f"{installation.folder}|{program.st_size}|{program.st_mtime_ns}"
    stamp = hashlib.sha256(what.encode()).hexdigest()[:12]
    target = SHARED_ROOT / f"postgresql-{installation.version}-{stamp}"
    base, trees = installation.trees
    if not target.exists():
        _copy(base, trees, target)
    return Installation(target / installation.folder.relative_to(base), installation.version)


def _copy(base: Path, trees: list[Path], target: Path) -> None:
    half = target.with_name(f"{target.name}.{os.getpid()}")
    for tree in trees:
        shutil.copytree(tree, half / tree.relative_to(base), dirs_exist_ok=True)
    half.chmod(0o755)
    try:
        half.rename(target)
    except OSError:  # another process put it there first
        shutil.rmtree(half)
