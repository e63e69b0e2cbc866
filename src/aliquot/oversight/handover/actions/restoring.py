"""Make a running region of a package, in an empty database."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.oversight.handover.actions.applying import apply_increment, load_part, set_sequences
from aliquot.oversight.handover.actions.dumping import OWNER_ROLE
from aliquot.oversight.handover.actions.packing import write_whole
from aliquot.oversight.handover.actions.snapshot import READERS
from aliquot.oversight.handover.queries.database import OWNER, SQL, read_marks
from aliquot.oversight.handover.queries.packages import (
    manifest_in,
    unpack_file,
    verify_package,
    whole_part,
)
from aliquot.oversight.handover.queries.words import finding_words
from aliquot.oversight.handover.rules.checking import check_following, check_order
from aliquot.oversight.handover.rules.manifest import (
    FULL,
    MANIFEST,
    MONTH,
    TABLE,
    Manifest,
    Part,
    Relation,
    digest_of,
    read_manifest,
    schema_path,
)

STANDING = "handover.json"
Say = Callable[[str], object]


def restore_region(
    folders: Sequence[Path], *, signer: str, key: str, home: Path, by: Actor, say: Say = lambda _said: None
) -> Manifest:
    """The last manifest, whose region then stands in this database as it was at that moment.

    `folders`: a full package into an empty database, and its increments in their order; or increments alone
    that follow what was restored here before, while nothing was recorded here since. Months that had been put
    away lie in `home/months`. Refused when a package is not whole or not signed by `signer`, one is missing
    between, `key` does not open it, or it comes from a newer program.
    """
    by.require("hand_over")
    packages = [manifest_in(folder, signer=signer) for folder in folders]
    standing = standing_in(home)
    is_begun = not sql_files.fetch_value(SQL, "is_empty", using=OWNER)
    _require_order(packages, standing if is_begun else None, is_begun=is_begun)
    for folder, (_digest, manifest) in zip(folders, packages, strict=True):
        _require_whole(folder, signer)
        _require_known(manifest)
    for folder, (digest, manifest) in zip(folders, packages, strict=True):
        if manifest.kind == FULL:
            _restore_full(folder, manifest, key, home, say)
        else:
            assert standing is not None  # the order was checked
            apply_increment(folder, manifest, standing[1].marks, key=key)
            say(_("Increment %(number)d.") % {"number": manifest.number})
        standing = (digest, manifest)
        write_whole(home / STANDING, (folder / MANIFEST).read_bytes())
    sql_files.run_text("ANALYZE", using=OWNER)
    return packages[-1][1]


def standing_in(home: Path) -> tuple[str, Manifest] | None:
    """The manifest of the last package that was restored here, with its digest."""
    file = home / STANDING
    if not file.exists():
        return None
    content = file.read_bytes()
    return digest_of(content), read_manifest(content)


def _restore_full(folder: Path, manifest: Manifest, key: str, home: Path, say: Say) -> None:
    _run_schema(folder, manifest, "pre-data", key)
    say(_("%(count)d files of rows.") % {"count": len(manifest.of_kind(TABLE))})
    _load(folder, manifest, key)
    say(_("Indexes and rules of the tables."))
    _run_schema(folder, manifest, "post-data", key)
    set_sequences(manifest)
    for part in manifest.of_kind(MONTH):
        unpack_file(folder, part, home / "months" / Path(part.path).name.removesuffix(".age"), key=key)


def _require_order(
    packages: Sequence[tuple[str, Manifest]], standing: tuple[str, Manifest] | None, *, is_begun: bool
) -> None:
    """Refused unless the packages follow one another, and the first what stands here."""
    if is_begun and (standing is None or packages[0][1].kind == FULL):
        raise Refused(_("There are tables in this database already. Restore into an empty home."))
    if standing is None:
        findings = check_order(packages)
    else:
        findings = check_following([standing, *packages])
        if read_marks({}).chains not in (standing[1].marks.chains, packages[0][1].marks.chains):
            raise Refused(_("Something was recorded here since the last package: no increment fits."))
    if findings:
        raise Refused(" ".join(finding_words(one) for one in findings))


def _require_whole(folder: Path, signer: str) -> None:
    if findings := verify_package(folder, signer=signer):
        words = _("%(folder)s is not restored: %(found)s")
        first = " ".join(finding_words(one) for one in findings[:5])
        raise Refused(words % {"folder": folder.name, "found": first})


def _require_known(manifest: Manifest) -> None:
    """An older program's package is brought up to date by `aliquot migrate`; a newer one is not known."""
    known = {name for app, name in MigrationLoader(None).disk_migrations if app == "aliquot"}
    if manifest.schema not in known:
        words = _("The package was written by a newer program (%(schema)s). Install that one, then restore.")
        raise Refused(words % {"schema": manifest.schema})


def _run_schema(folder: Path, manifest: Manifest, section: str, key: str) -> None:
    part = next(one for one in manifest.parts if one.path == schema_path(section))
    owner = f'"{connections[OWNER].settings_dict["USER"]}"'
    text = whole_part(folder, part, key=key).decode().replace(OWNER_ROLE, owner)
    sql_files.run_text(text, using=OWNER)
    connections[OWNER].close()  # the statements set this session's own settings


def _load(folder: Path, manifest: Manifest, key: str) -> None:
    relations = {one.name: one for one in manifest.relations}
    with ThreadPoolExecutor(READERS, thread_name_prefix="handover") as pool:
        halves = _shared_out(manifest.of_kind(TABLE))
        futures = [pool.submit(_load_parts, folder, parts, relations, key) for parts in halves]
        for future in futures:
            future.result()


def _shared_out(parts: Sequence[Part]) -> list[list[Part]]:
    """The parts for each loader, as many bytes for one as for the other."""
    shares: list[list[Part]] = [[] for _one in range(READERS)]
    sizes = [0] * READERS
    for part in sorted(parts, key=lambda one: -one.size):
        least = sizes.index(min(sizes))
        shares[least].append(part)
        sizes[least] += part.size
    return [sorted(share, key=lambda one: one.path) for share in shares]


def _load_parts(folder: Path, parts: Sequence[Part], relations: dict[str, Relation], key: str) -> None:
    try:
        for part in parts:
            load_part(folder, part, relations[part.about], key)
    finally:
        connections[OWNER].close()
