"""Write a region into a package: one state of it, streamed, sealed, signed; it goes on after a kill."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.foundation.seals import public_half
from aliquot.oversight.handover.actions.dumping import dump_schema
from aliquot.oversight.handover.actions.packing import Packer, Progress
from aliquot.oversight.handover.actions.papers import Papers
from aliquot.oversight.handover.actions.recording import note_begun, note_finished
from aliquot.oversight.handover.actions.snapshot import exported_snapshot, read_together, settle
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
    sequences,
    server_version,
)
from aliquot.oversight.handover.queries.papers import DOCUMENT_TABLES
from aliquot.oversight.handover.rules.carrying import CHAINS, Carrying
from aliquot.oversight.handover.rules.cutting import cut, gaps
from aliquot.oversight.handover.rules.keeping import is_kept
from aliquot.oversight.handover.rules.manifest import (
    DOCUMENTS,
    FULL,
    PARQUET,
    SCHEMA,
    SECTIONS,
    TABLE,
    Manifest,
    Marks,
    Part,
    marks_of,
    schema_path,
)

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an export that was cut off had finished, and the state of the region that it set out from."""

    series: str
    marks: Marks
    parts: tuple[Part, ...]


def export_region(wanted: Wanted, *, by: Actor, at: datetime, say: Say = lambda _said: None) -> Manifest:
    """The manifest of the full package that is then in the folder; the region works on meanwhile.

    Refused when the folder holds something else, or a month that was put away is not at hand. After a kill it
    is run again with the same words: what was finished and has not changed since is kept.
    """
    by.require("hand_over")
    if done := finished_before(wanted):
        note_finished(done, by=by, at=at)
        Progress(wanted.folder).end()
        return done
    progress = Progress(wanted.folder)
    earlier = _earlier(wanted, progress)
    series = earlier.series if earlier else uuid.uuid4().hex
    signer = public_half(wanted.signing_key)
    note_begun(series, 0, wanted.receivers, signer, by=by, at=at)
    settled = {one.table: settle(one.table, one.key) for one in held_relations() if one.how is Carrying.ADDED}
    with exported_snapshot() as snapshot:
        marks = read_marks(settled)
        held = held_relations()
        kept = _kept(earlier, held)
        progress.begin(_about(wanted, series, marks), kept)
        sweep(wanted.folder, kept)
        say(_("%(count)d parts are there already.") % {"count": len(kept)})
        packer = Packer(wanted.folder, wanted.receivers, progress)
        tasks = _tasks(wanted, packer, snapshot, held, kept)
        parts = (*kept, *read_together(snapshot, tasks), put_readme(packer))
        manifest = Manifest(
            kind=FULL, number=0, series=series, predecessor="", region=wanted.region, program=wanted.program,
            schema=applied_schema(), server=server_version(), written_at=at.isoformat(),
            receivers=wanted.receivers, signer=signer, marks=marks,
            sequences=sequences(), relations=tuple(relation_of(one) for one in held),
            parts=tuple(sorted(parts, key=lambda one: one.path)),
        )  # fmt: skip
    finish(wanted, manifest)
    note_finished(manifest, by=by, at=at)
    progress.end()
    return manifest


def _tasks(
    wanted: Wanted, packer: Packer, snapshot: str, held: Sequence[Held], kept: Sequence[Part]
) -> list[Callable[[], list[Part]]]:
    """The largest first, so that no reader is left alone at the end."""
    papers = Papers(packer, wanted.configuration, wanted.months)
    tables = [partial(_put_table, packer, one, kept) for one in sorted(held, key=_weight)]
    documents = [partial(papers.put_documents, table, kept) for table in DOCUMENT_TABLES]
    schema = partial(_put_schema, packer, snapshot)
    return [*tables, *documents, papers.put_resources, papers.put_texts, papers.put_months, schema]


def _weight(one: Held) -> tuple[bool, str]:
    return (one.name == one.table and one.how is Carrying.WHOLE, one.name)


def _put_table(packer: Packer, held: Held, kept: Sequence[Part]) -> list[Part]:
    """The rows that no part holds yet, each part with its copy in Parquet."""
    spans = [
        (part.low, part.high)
        for part in kept
        if part.kind == TABLE and part.about == held.name and part.low is not None and part.high is not None
    ]
    parts = []
    for between in gaps(spans):
        for number, chunk in enumerate(cut(rows_of(held, between), has_key=bool(held.key))):
            parts += put_chunk(packer, held, chunk, number)
    return parts


def _put_schema(packer: Packer, snapshot: str) -> list[Part]:
    version = server_version()
    return [
        packer.put(
            schema_path(section),
            SCHEMA,
            dump_schema(section, snapshot=snapshot, version=version),
            about=section,
        )
        for section in SECTIONS
    ]


def _earlier(wanted: Wanted, progress: Progress) -> Earlier | None:
    found = progress.read()
    if found is None:
        return None
    about, parts = found
    now = _about(wanted, str(about["series"]), Marks({}, {}, {}))
    if any(about[name] != now[name] for name in ("receivers", "schema", "signer")):
        words = _(
            "%(folder)s was begun for another receiver, with another key or before an update. "
            "Name a new folder."
        )
        raise Refused(words % {"folder": wanted.folder})
    return Earlier(str(about["series"]), marks_of(about["marks"]), tuple(parts))


def _about(wanted: Wanted, series: str, marks: Marks) -> dict[str, Any]:
    return {
        "series": series,
        "receivers": list(wanted.receivers),
        "schema": applied_schema(),
        "signer": public_half(wanted.signing_key),
        "marks": marks,
    }


def _kept(earlier: Earlier | None, held: Sequence[Held]) -> list[Part]:
    """The parts whose rows are as they were when they were written."""
    if earlier is None:
        return []
    changed: dict[str, Sequence[int]] = {
        **changed_keys(earlier.marks),
        **dict.fromkeys(CHAINS, later_blocks(earlier.marks)),
    }
    known = {one.name: one for one in held}
    return [
        part
        for part in earlier.parts
        if part.kind in (TABLE, PARQUET, DOCUMENTS)
        and (one := known.get(part.about)) is not None
        and is_kept(part, table=one.table, how=one.how, changed=changed, settled=earlier.marks.settled)
    ]
