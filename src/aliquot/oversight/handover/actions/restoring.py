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
from aliquot.oversight.handover.actions.dumping import OWNER_ROLE
from aliquot.oversight.handover.actions.snapshot import READERS
from aliquot.oversight.handover.queries.database import OWNER, SQL
from aliquot.oversight.handover.queries.packages import (
    manifest_in,
    unpack_file,
    verify_package,
    whole_part,
)
from aliquot.oversight.handover.queries.words import finding_words
from aliquot.oversight.handover.rules.checking import check_order
from aliquot.oversight.handover.rules.manifest import MONTH, TABLE, Manifest, Part, Relation, schema_path

Say = Callable[[str], object]


def restore_region(
    folder: Path, *, signer: str, key: str, home: Path, by: Actor, say: Say = lambda _said: None
) -> Manifest:
    """The manifest of the package whose region then stands in this database, as it was in the package.

    Months that had been put away lie in `home/months`. Refused when the database is not empty, the package is
    not whole or not signed by `signer`, `key` does not open it, or it comes from a newer program.
    """
    by.require("hand_over")
    manifest = _whole(folder, signer)
    _require_known(manifest)
    if not sql_files.fetch_value(SQL, "is_empty", using=OWNER):
        raise Refused(_("There are tables in this database already. Restore into an empty home."))
    _run_schema(folder, manifest, "pre-data", key)
    say(_("%(count)d files of rows.") % {"count": len(manifest.of_kind(TABLE))})
    _load(folder, manifest, key)
    say(_("Indexes and rules of the tables."))
    _run_schema(folder, manifest, "post-data", key)
    for name, last in manifest.sequences.items():
        sql_files.fetch_rows(SQL, "set_sequence", using=OWNER, sequence=name, last=last)
    for part in manifest.of_kind(MONTH):
        unpack_file(folder, part, home / "months" / Path(part.path).name.removesuffix(".age"), key=key)
    sql_files.run_text("ANALYZE", using=OWNER)
    return manifest


def _whole(folder: Path, signer: str) -> Manifest:
    digest, manifest = manifest_in(folder, signer=signer)
    findings = verify_package(folder, signer=signer) + check_order([(digest, manifest)])
    if findings:
        words = _("%(folder)s is not restored: %(found)s")
        first = " ".join(finding_words(one) for one in findings[:5])
        raise Refused(words % {"folder": folder.name, "found": first})
    return manifest


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
            relation = relations[part.about]
            names = ", ".join(f'"{one}"' for one in relation.columns)
            text = f"COPY {relation.name} ({names}) FROM STDIN (FORMAT csv)"
            sql_files.copy_in(text, [whole_part(folder, part, key=key)], using=OWNER)
    finally:
        connections[OWNER].close()
