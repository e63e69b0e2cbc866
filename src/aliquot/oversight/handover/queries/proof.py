"""Whether a database answers as the package it was restored from: every row, chain, document and resource."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from aliquot.foundation.audit.queries import broken_blocks
from aliquot.oversight.handover.queries.database import Held, held_relations, read_marks, rows_of
from aliquot.oversight.handover.queries.papers import DOCUMENT_TABLES, documents_of
from aliquot.oversight.handover.queries.resources import resource_lines
from aliquot.oversight.handover.rules.bundling import bundled
from aliquot.oversight.handover.rules.checking import ALTERED, CHAIN, COUNT, Finding
from aliquot.oversight.handover.rules.cutting import GREATEST, LEAST, recut
from aliquot.oversight.handover.rules.manifest import DOCUMENTS, FHIR, TABLE, Manifest, Part, digest_of


@dataclass(frozen=True, slots=True)
class Proof:
    """What was compared, and what differs; without findings the two are the same."""

    tables: int
    rows: int
    documents: int
    resources: int
    chains: int
    findings: tuple[Finding, ...]


def prove_region(manifest: Manifest) -> Proof:
    """Compare this database with a full package; inside a transaction that sees one state."""
    held = {one.name: one for one in held_relations()}
    findings = [
        *_tables(manifest, held),
        *_chains(manifest),
        *_documents(manifest),
        *_resources(manifest),
    ]
    return Proof(
        tables=len({one.table for one in manifest.relations}),
        rows=sum(one.rows for one in manifest.relations),
        documents=sum(one.rows for one in manifest.of_kind(DOCUMENTS)),
        resources=sum(one.rows for one in manifest.of_kind(FHIR)),
        chains=len(manifest.marks.chains),
        findings=tuple(findings),
    )


def _tables(manifest: Manifest, held: dict[str, Held]) -> Iterator[Finding]:
    for relation in manifest.relations:
        parts = [one for one in manifest.of_kind(TABLE) if one.about == relation.name]
        if relation.name not in held:
            yield Finding(COUNT, relation.name, str(relation.rows), "0")
        else:
            yield from _compared(relation.name, parts, rows_of(held[relation.name]))


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
