"""What changed since a package, as a package of its own.

Rows that the audit follows cost as they changed; tables it does not follow go whole, and every table is
counted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.foundation.seals import public_half
from aliquot.oversight.handover.actions.packing import Packer, Progress
from aliquot.oversight.handover.actions.recording import note_begun, note_finished
from aliquot.oversight.handover.actions.snapshot import exported_snapshot, settle
from aliquot.oversight.handover.actions.writing import (
    Wanted,
    finish,
    finished_before,
    put_chunk,
    put_readme,
    relation_of,
    sweep,
)
from aliquot.oversight.handover.queries.changes import changed_keys, later_blocks
from aliquot.oversight.handover.queries.database import (
    Held,
    applied_schema,
    held_relations,
    read_marks,
    rows_of,
    rows_with,
    sequences,
    server_version,
)
from aliquot.oversight.handover.queries.packages import manifest_in
from aliquot.oversight.handover.rules.carrying import CHAINS, Carrying
from aliquot.oversight.handover.rules.cutting import GREATEST, cut
from aliquot.oversight.handover.rules.manifest import INCREMENT, REMOVED, Manifest, Marks, Part

KEYS_AT_ONCE = 10_000


def export_increment(wanted: Wanted, predecessor: Path, *, by: Actor, at: datetime) -> Manifest:
    """The manifest of the increment that is then in the folder: all that changed since `predecessor`.

    Refused when that package is not this region's, or an update or a month put away lies between: then a full
    package is needed. After a kill it is run again and begins anew.
    """
    by.require("hand_over")
    if done := finished_before(wanted):
        note_finished(done, by=by, at=at)
        Progress(wanted.folder).end()
        return done
    digest, before = manifest_in(predecessor, signer=public_half(wanted.signing_key))
    signer = public_half(wanted.signing_key)
    note_begun(before.series, before.number + 1, wanted.receivers, signer, by=by, at=at)
    tables = held_tables()
    settled = {one.table: settle(one.table, one.key) for one in tables if one.how is Carrying.ADDED}
    progress = Progress(wanted.folder)
    progress.begin({"series": before.series}, [])
    sweep(wanted.folder, [])
    packer = Packer(wanted.folder, wanted.receivers, progress)
    with exported_snapshot():
        marks = read_marks(settled)
        _require_continued(before, marks)
        parts = [*_put_changes(packer, tables, before.marks), put_readme(packer)]
        manifest = Manifest(
            kind=INCREMENT, number=before.number + 1, series=before.series, predecessor=digest,
            region=before.region, program=wanted.program, schema=applied_schema(), server=server_version(),
            written_at=at.isoformat(), receivers=wanted.receivers, signer=signer,
            marks=marks, sequences=sequences(), relations=tuple(relation_of(one) for one in tables),
            parts=tuple(sorted(parts, key=lambda one: one.path)),
        )  # fmt: skip
    finish(wanted, manifest)
    note_finished(manifest, by=by, at=at)
    progress.end()
    return manifest


def held_tables() -> list[Held]:
    """Each table once, also one that stands by month."""
    return [replace(one, name=one.table) for one in {each.table: each for each in held_relations()}.values()]


def _require_continued(before: Manifest, marks: Marks) -> None:
    """Refused unless the audit tells everything that changed since."""
    if before.schema != applied_schema():
        words = _("The program was updated since (%(schema)s): write a full package.")
        raise Refused(words % {"schema": applied_schema()})
    if before.marks.months != marks.months:
        raise Refused(_("A month was put away or brought back since: write a full package."))
    for slot, (place, _link) in before.marks.chains.items():
        if slot not in marks.chains or marks.chains[slot][0] < place:
            raise Refused(_("That package is not of this region, or of a later state of it."))


def _put_changes(packer: Packer, tables: Sequence[Held], before: Marks) -> Iterator[Part]:
    blocks = later_blocks(before)
    changed = {**changed_keys(before), **dict.fromkeys(CHAINS, blocks)}
    for held in tables:
        if held.how in (Carrying.CHANGED, Carrying.CHAIN):
            yield from _put_keys(packer, held, changed.get(held.table, []))
        else:
            after = before.settled.get(held.table, 0)
            between = (after, GREATEST) if held.how is Carrying.ADDED else None
            rows = rows_of(held, between) if between else rows_of(held)
            for number, chunk in enumerate(cut(rows, has_key=bool(held.key))):
                yield from put_chunk(packer, held, chunk, number)


def _put_keys(packer: Packer, held: Held, keys: Sequence[int]) -> Iterator[Part]:
    """The keys that are to be removed first, and the rows that stand under them now."""
    source = iter(keys)
    while some := list(islice(source, KEYS_AT_ONCE)):
        path = f"removed/{held.name}/{some[0]:020d}.csv.zst.age"
        content = "".join(f"{key}\n" for key in some).encode()
        low, high = some[0], some[-1]
        yield packer.put(path, REMOVED, content, about=held.name, rows=len(some), low=low, high=high)
        for number, chunk in enumerate(cut(rows_with(held, some), has_key=True)):
            yield from put_chunk(packer, held, chunk, number)
