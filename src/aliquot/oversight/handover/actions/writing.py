"""What full packages and increments share: a folder, its parts of rows, the signed end."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from aliquot.foundation.errors import Refused
from aliquot.foundation.seals import public_half, sign
from aliquot.oversight.handover.actions.packing import PROGRESS, Packer, write_whole
from aliquot.oversight.handover.queries.database import Held, count_of
from aliquot.oversight.handover.queries.packages import manifest_in
from aliquot.oversight.handover.rules.columnar import as_parquet
from aliquot.oversight.handover.rules.cutting import Chunk
from aliquot.oversight.handover.rules.manifest import (
    IN_DOCUMENTS,
    MANIFEST,
    OPEN,
    PARQUET,
    README,
    SIGNATURE,
    TABLE,
    Manifest,
    Part,
    Relation,
    digest_of,
    twin_of,
    write_manifest,
)

README_FILE = Path(__file__).parent.parent / "data" / "README.txt"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written: into which folder, for whom, signed by whom, as which region's.

    `configuration` is told as it is: without secrets. `months` is where months that were put away lie now.
    """

    folder: Path
    receivers: tuple[str, ...]
    signing_key: str
    region: str
    program: str
    configuration: Mapping[str, str]
    months: Path | None = None


def put_chunk(packer: Packer, held: Held, chunk: Chunk, number: int) -> list[Part]:
    """A file of rows and its copy in Parquet; `number` tells apart chunks that have no key."""
    place = number if chunk.low is None else chunk.low
    path = f"tables/{held.name.replace('.', '/')}/{place:020d}.csv.zst.age"
    facts: dict[str, Any] = {"about": held.name, "rows": chunk.rows, "low": chunk.low, "high": chunk.high}
    without = [column for table, column in IN_DOCUMENTS if table == held.table]
    twin = as_parquet(chunk.content, held.columns, held.types, without)
    parts = [
        packer.put(path, TABLE, chunk.content, **facts),
        packer.put(twin_of(path), PARQUET, twin, **facts),
    ]
    packer.progress.add(parts)
    return parts


def relation_of(one: Held) -> Relation:
    """The relation as the manifest tells it, counted."""
    return Relation(
        one.name, one.table, one.columns, one.types, one.key, one.ordering, count_of(one), one.how.value
    )


def finished_before(wanted: Wanted) -> Manifest | None:
    """What is in the folder when only the last step was cut off; Refused when there is something else."""
    folder = wanted.folder
    folder.mkdir(parents=True, exist_ok=True)
    is_begun, is_signed = (folder / PROGRESS).exists(), (folder / SIGNATURE).exists()
    if not is_begun and any(folder.iterdir()):
        raise Refused(_("%(folder)s is not empty. Name a new folder.") % {"folder": folder})
    if not is_signed:
        return None
    _digest, manifest = manifest_in(folder, signer=public_half(wanted.signing_key))
    return manifest


def sweep(folder: Path, kept: Sequence[Part]) -> None:
    """Remove what was written and is not kept: it is half, or no longer what the region holds."""
    known = {folder / one.path for one in kept} | {folder / PROGRESS}
    for path in _files(folder):
        if path not in known:
            path.unlink()


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def put_readme(packer: Packer) -> Part:
    """What the receiver reads first: it is signed for, but not sealed."""
    content = README_FILE.read_bytes()
    write_whole(packer.folder / README, content)
    digest = digest_of(content)
    return Part(README, OPEN, len(content), digest, digest)


def finish(wanted: Wanted, manifest: Manifest) -> None:
    """The signature comes last: without it there is no package."""
    content = write_manifest(manifest)
    write_whole(wanted.folder / MANIFEST, content)
    write_whole(wanted.folder / SIGNATURE, sign(content, wanted.signing_key).encode())
