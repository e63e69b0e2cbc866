"""Whether a database is what the packages hold: every row, chain, document and resource."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aliquot.foundation.audit.queries import broken_blocks
from aliquot.oversight.handover.queries.database import (
    Held,
    count_of,
    held_relations,
    read_marks,
    rows_of,
    rows_with,
)
from aliquot.oversight.handover.queries.packages import whole_part
from aliquot.oversight.handover.queries.papers import DOCUMENT_TABLES, documents_of
from aliquot.oversight.handover.queries.resources import resource_lines
from aliquot.oversight.handover.rules.bundling import bundled
from aliquot.oversight.handover.rules.checking import ALTERED, CHAIN, COUNT, Finding
from aliquot.oversight.handover.rules.columnar import read_rows, with_keys
from aliquot.oversight.handover.rules.cutting import GREATEST, LEAST, recut
from aliquot.oversight.handover.rules.manifest import (
    DOCUMENTS,
    FHIR,
    FULL,
    REMOVED,
    TABLE,
    Manifest,
    Part,
    Relation,
    digest_of,
)
from aliquot.oversight.handover.rules.superseding import Later, later_of

Package = tuple[Path, Manifest]


@dataclass(frozen=True, slots=True)
class Proof:
    """What was compared, and what differs; without findings the two are the same."""

    tables: int
    rows: int
    documents: int
    resources: int
    chains: int
    findings: tuple[Finding, ...]


def prove_region(packages: Sequence[Package], *, key: str) -> Proof:
    """Compare this database with a full package and its increments; inside a transaction that sees one state.

    Documents and FHIR are compared with a full package alone: increments hold rows, also those of documents.
    """
    last = packages[-1][1]
    findings = [*_counts(last), *_rows(packages, key), *_chains(last)]
    alone = [one for _folder, one in packages] if len(packages) == 1 else []
    for manifest in alone:
        findings += [*_documents(manifest), *_resources(manifest)]
    return Proof(
        tables=len({one.table for one in last.relations}),
        rows=sum(one.rows for one in last.relations),
        documents=sum(one.rows for manifest in alone for one in manifest.of_kind(DOCUMENTS)),
        resources=sum(one.rows for manifest in alone for one in manifest.of_kind(FHIR)),
        chains=len(last.marks.chains),
        findings=tuple(findings),
    )


def _counts(last: Manifest) -> Iterator[Finding]:
    """How many rows there are; an increment counts a table, a full package each month of it."""
    held = {one.name: one for one in held_relations()}
    held.update({one.table: replace(one, name=one.table) for one in held.values()})
    for relation in last.relations:
        here = count_of(held[relation.name]) if relation.name in held else 0
        if here != relation.rows:
            yield Finding(COUNT, relation.name, str(relation.rows), str(here))


def _rows(packages: Sequence[Package], key: str) -> Iterator[Finding]:
    held = {one.name: one for one in held_relations()}
    held.update({one.table: replace(one, name=one.table) for one in held.values()})
    manifests = [manifest for _folder, manifest in packages]
    named = [_named(package, key) for package in packages]
    for place, package in enumerate(packages):
        for relation in package[1].relations:
            later = later_of(relation, manifests, place, named)
            if later is not None and relation.name in held:
                yield from _relation(package, relation, held[relation.name], later, key)


def _relation(package: Package, relation: Relation, held: Held, later: Later, key: str) -> Iterator[Finding]:
    folder, manifest = package
    parts = [one for one in manifest.of_kind(TABLE) if one.about == relation.name]
    if not held.key:
        yield from _compared(relation.name, parts, rows_of(held))
        return
    for part in parts:
        if manifest.kind == FULL and not later.touches(part):
            here = b"".join(rows_of(held, _around(part)))
            is_same = digest_of(here) == part.plain
        else:
            is_same = _is_same(whole_part(folder, part, key=key), relation, held, later)
        if not is_same:
            yield Finding(ALTERED, part.path, f"{relation.name}: {part.low}..{part.high}")


def _is_same(content: bytes, relation: Relation, held: Held, later: Later) -> bool:
    """Whether the rows that still count are the same here."""
    types = ["bigint" if name == relation.key else "text" for name in relation.columns]
    signed = read_rows(content, relation.columns, types)
    keys = [one for one in dict.fromkeys(signed[relation.key].to_pylist()) if later.counts(one)]
    here = b"".join(rows_with(held, keys)) if keys else b""
    if not keys or not here:
        return not keys
    return bool(read_rows(here, relation.columns, types).equals(with_keys(signed, relation.key, keys)))


def _around(part: Part) -> tuple[int, int]:
    assert part.low is not None  # its table has a key
    assert part.high is not None
    return part.low - 1, part.high + 1


def _named(package: Package, key: str) -> dict[str, list[int]]:
    """The keys of each table that a package removes first."""
    folder, manifest = package
    found: dict[str, list[int]] = {}
    for part in manifest.of_kind(REMOVED):
        lines = whole_part(folder, part, key=key).splitlines()
        found.setdefault(part.about, []).extend(int(line) for line in lines)
    return found


def _chains(manifest: Manifest) -> Iterator[Finding]:
    here = read_marks({}).chains
    for slot in sorted({*manifest.marks.chains, *here}):
        if manifest.marks.chains.get(slot) != here.get(slot):
            yield Finding(CHAIN, slot, str(manifest.marks.chains.get(slot)), str(here.get(slot)))
    for block in broken_blocks():
        yield Finding(CHAIN, str(block.slot), f"{block.table_name} {block.id}", block.fault)


def _documents(manifest: Manifest) -> Iterator[Finding]:
    for table in DOCUMENT_TABLES:
        parts = [one for one in manifest.of_kind(DOCUMENTS) if one.about == table]
        documents = documents_of(table, (LEAST, GREATEST))
        for part in parts:
            some = [one for _place, one in zip(range(part.rows), documents, strict=False)]
            if digest_of(bundled(some)) != part.plain:
                yield Finding(ALTERED, part.path, f"{table}: {part.low}..{part.high}")
        if next(documents, None):
            yield Finding(COUNT, table, str(sum(one.rows for one in parts)), "")


def _resources(manifest: Manifest) -> Iterator[Finding]:
    for kind, lines in resource_lines():
        yield from _compared(kind, [one for one in manifest.of_kind(FHIR) if one.about == kind], lines)


def _compared(name: str, parts: Sequence[Part], rows: Iterable[bytes]) -> Iterator[Finding]:
    """The parts whose rows are others here, and rows that no part holds."""
    pieces = recut(rows, [one.rows for one in parts])
    for part in parts:
        if digest_of(next(pieces, b"")) != part.plain:
            yield Finding(ALTERED, part.path, f"{name}: {part.low}..{part.high}")
    if next(pieces, b""):
        yield Finding(COUNT, name, str(sum(one.rows for one in parts)), "")
