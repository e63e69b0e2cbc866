"""A package as it lies in a folder: read, opened and verified with nothing but the package and keys."""

import hashlib
from io import BytesIO
from pathlib import Path

from django.utils.translation import gettext as _

from aliquot.foundation.errors import Refused
from aliquot.foundation.seals import is_signed, unseal
from aliquot.oversight.handover.rules.checking import (
    ROW,
    Finding,
    Seen,
    check_counts,
    check_files,
    differing_rows,
)
from aliquot.oversight.handover.rules.columnar import from_parquet, read_rows, unsqueezed
from aliquot.oversight.handover.rules.manifest import (
    MANIFEST,
    OPEN,
    PARQUET,
    SIGNATURE,
    TABLE,
    Manifest,
    Part,
    Unreadable,
    digest_of,
    read_manifest,
    twin_of,
)

SQUEEZED = ".zst.age"
MOST_NAMED = 20


def manifest_in(folder: Path, *, signer: str) -> tuple[str, Manifest]:
    """The digest of the manifest, and what it says; Refused unless the owner of `signer` signed it."""
    try:
        content = (folder / MANIFEST).read_bytes()
        signature = (folder / SIGNATURE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        words = _("%(folder)s is no finished package: its manifest or its signature is not there.")
        raise Refused(words % {"folder": folder.name}) from fault
    if not is_signed(content, signature, signer):
        words = _(
            "The manifest of %(folder)s was not signed with this key, or it was altered. Take another "
            "copy, or ask the old operator for the right key by another way than the package."
        )
        raise Refused(words % {"folder": folder.name})
    try:
        return digest_of(content), read_manifest(content)
    except Unreadable as fault:
        words = _("%(folder)s was written by another version of the program: %(fault)s.")
        raise Refused(words % {"folder": folder.name, "fault": fault}) from fault


def seen_files(folder: Path) -> dict[str, Seen]:
    """Every file below the folder with its size and digest."""
    return {
        path.relative_to(folder).as_posix(): seen_file(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def seen_file(path: Path) -> Seen:
    """A file's size and digest."""
    with path.open("rb") as content:
        return Seen(path.stat().st_size, hashlib.file_digest(content, "sha256").hexdigest())


def verify_package(folder: Path, *, signer: str, key: str = "") -> list[Finding]:
    """All that is not as it was signed: files, counts, and with the receiver's key the rows inside.

    An empty list means whole. Refused when the manifest itself is not signed by `signer`.
    """
    _digest, manifest = manifest_in(folder, signer=signer)
    findings = check_files(manifest, seen_files(folder)) + check_counts(manifest)
    if not key:
        return findings
    inside = {one.path: verify_part(folder, manifest, one, key=key) for one in manifest.parts}
    closer = {path for path, found in inside.items() if found}
    return [one for one in findings if one.subject not in closer] + [
        one for found in inside.values() for one in found
    ]


def verify_part(folder: Path, manifest: Manifest, part: Part, *, key: str) -> list[Finding]:
    """What is wrong inside a part that opens; rows are named by keys when their other copy is whole."""
    if part.kind == OPEN:
        return []
    try:
        content = open_part(folder, part, key=key)
    except Refused:
        return []
    if digest_of(content) == part.plain:
        return []
    return _altered_rows(folder, manifest, part, content, key) if part.kind == TABLE else []


def open_part(folder: Path, part: Part, *, key: str) -> bytes:
    """The content of a part; Refused when it is not there, not sealed to this key, or altered."""
    target = BytesIO()
    try:
        with (folder / part.path).open("rb") as source:
            unseal(source, target, key)
        content = target.getvalue()
        return unsqueezed(content) if part.path.endswith(SQUEEZED) else content
    except (OSError, ValueError) as fault:
        raise Refused(_("%(path)s cannot be read.") % {"path": part.path}) from fault


def unpack_file(folder: Path, part: Part, target: Path, *, key: str) -> None:
    """Write a part that holds a file as it is; Refused, leaving nothing, when it is not what was signed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f"{target.name}.half")
    try:
        with (folder / part.path).open("rb") as source, half.open("wb") as clear:
            unseal(source, clear, key)
        if seen_file(half).digest != part.plain:
            raise Refused(_("%(path)s is not what was signed. Take another copy.") % {"path": part.path})
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)


def whole_part(folder: Path, part: Part, *, key: str) -> bytes:
    """The content of a part as it was signed; Refused, naming it, for any other."""
    content = open_part(folder, part, key=key)
    if digest_of(content) != part.plain:
        raise Refused(_("%(path)s is not what was signed. Take another copy.") % {"path": part.path})
    return content


def _altered_rows(folder: Path, manifest: Manifest, part: Part, content: bytes, key: str) -> list[Finding]:
    """The rows that differ from their copy in Parquet, which was signed as well."""
    relation = next(one for one in manifest.relations if one.name == part.about)
    twin = next(one for one in manifest.of_kind(PARQUET) if one.path == twin_of(part.path))
    try:
        signed = from_parquet(whole_part(folder, twin, key=key))
        found = read_rows(content, relation.columns, relation.types).select(signed.column_names)
    except (Refused, ValueError):
        return []
    ours, theirs = signed.to_pylist(), found.to_pylist()
    places = differing_rows(ours, theirs)
    rows = [(ours[place - 1] if place <= len(ours) else theirs[place - 1]) for place in places]
    names = [f"{relation.table} {next(iter(row.values()))}" for row in rows[:MOST_NAMED]]
    return [Finding(ROW, part.path, name, str(len(places))) for name in names]
