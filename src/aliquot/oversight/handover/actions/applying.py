"""An increment put into a region that stands as the package before it: all of it, or nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction

from aliquot.foundation import sql_files
from aliquot.foundation.months.actions import gather_strays
from aliquot.oversight.handover.queries.database import OWNER, SQL, read_marks
from aliquot.oversight.handover.queries.packages import whole_part
from aliquot.oversight.handover.rules.carrying import Carrying
from aliquot.oversight.handover.rules.manifest import REMOVED, TABLE, Manifest, Marks, Part, Relation


def apply_increment(folder: Path, manifest: Manifest, before: Marks, *, key: str) -> bool:
    """Whether it was put in; False when it is in already. One transaction: keys are checked at its end.

    What the rows cause when people work (the audit, what follows from a release) is in the increment itself,
    so the tables' triggers rest meanwhile.
    """
    if read_marks({}).chains == manifest.marks.chains != before.chains:
        return False
    with transaction.atomic(using=OWNER), _resting(manifest.relations):
        sql_files.run_text("SET CONSTRAINTS ALL DEFERRED", using=OWNER)
        for relation in manifest.relations:
            _remove(folder, manifest, relation, before, key)
        for relation in manifest.relations:
            for part in _parts(manifest, TABLE, relation):
                load_part(folder, part, relation, key)
        set_sequences(manifest)
        sql_files.run_text("SET CONSTRAINTS ALL IMMEDIATE", using=OWNER)
    gather_strays()  # months that the old side had made since
    return True


def load_part(folder: Path, part: Part, relation: Relation, key: str) -> None:
    """Copy the rows of a part into their table."""
    names = ", ".join(f'"{one}"' for one in relation.columns)
    text = f"COPY {relation.name} ({names}) FROM STDIN (FORMAT csv)"
    sql_files.copy_in(text, [whole_part(folder, part, key=key)], using=OWNER)


def set_sequences(manifest: Manifest) -> None:
    """Numbers go on where the old side's ended."""
    for name, last in manifest.sequences.items():
        sql_files.fetch_rows(SQL, "set_sequence", using=OWNER, sequence=name, last=last)


def _remove(folder: Path, manifest: Manifest, relation: Relation, before: Marks, key: str) -> None:
    """What the rows of the increment take the place of."""
    if relation.how in (Carrying.CHANGED, Carrying.CHAIN):
        for part in _parts(manifest, REMOVED, relation):
            keys = [int(line) for line in whole_part(folder, part, key=key).splitlines()]
            text = f'DELETE FROM {relation.name} WHERE "{relation.key}" = ANY (%s)'  # noqa: S608 - names from a signed manifest
            sql_files.run_text(text, [keys], using=OWNER)
    elif relation.how == Carrying.ADDED:
        text = f'DELETE FROM {relation.name} WHERE "{relation.key}" > %s'  # noqa: S608 - as above
        sql_files.run_text(text, [before.settled.get(relation.table, 0)], using=OWNER)
    else:
        sql_files.run_text(f"DELETE FROM {relation.name}", using=OWNER)  # noqa: S608 - as above


def _parts(manifest: Manifest, kind: str, relation: Relation) -> Iterator[Part]:
    return (one for one in manifest.of_kind(kind) if one.about == relation.name)


@contextmanager
def _resting(relations: Sequence[Relation]) -> Iterator[None]:
    """The tables' triggers do nothing meanwhile, those of their months included."""
    names = [name for one in relations for (name,) in _family(one.table)]
    for name in names:
        sql_files.run_text(f"ALTER TABLE {name} DISABLE TRIGGER USER", using=OWNER)
    yield
    for name in names:
        sql_files.run_text(f"ALTER TABLE {name} ENABLE TRIGGER USER", using=OWNER)


def _family(table: str) -> list[tuple[str]]:
    return [(str(name),) for (name,) in sql_files.fetch_rows(SQL, "family", using=OWNER, table=table)]
