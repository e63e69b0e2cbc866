"""Whether what lies in a folder is what the manifest says, and whether increments follow one another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from aliquot.oversight.handover.rules.manifest import FULL, MANIFEST, SIGNATURE, TABLE, Manifest, Part

MISSING = "missing"
ALTERED = "altered"
ADDED = "added"
COUNT = "count"
ROW = "row"
CHAIN = "chain"
SIGNER = "signer"
ORIGIN = "origin"
GAP = "gap"
SCHEMA_CHANGED = "schema"
NO_BASE = "no_base"
Row = Sequence[Any]
OWN_FILES = frozenset({MANIFEST, SIGNATURE})


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it lies there."""

    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What is not as it was signed: `subject` names the file or table, `said` and `found` the facts."""

    kind: str
    subject: str
    said: str = ""
    found: str = ""


def check_files(manifest: Manifest, seen: Mapping[str, Seen]) -> list[Finding]:
    """Every file that is missing, is not the one that was signed, or was added; an empty list means whole."""
    known = {one.path: one for one in manifest.parts}
    findings = [Finding(MISSING, path, _of(part)) for path, part in known.items() if path not in seen]
    findings += [
        Finding(ALTERED, path, _of(part), _changed(part, seen[path]))
        for path, part in known.items()
        if path in seen and (seen[path].size, seen[path].digest) != (part.size, part.sealed)
    ]
    findings += [Finding(ADDED, path) for path in sorted(seen.keys() - known.keys() - OWN_FILES)]
    return findings


def check_counts(manifest: Manifest) -> list[Finding]:
    """Each relation whose parts do not hold as many rows as the region counted; of a full package."""
    if manifest.kind != FULL:
        return []
    held: dict[str, int] = {}
    for part in manifest.of_kind(TABLE):
        held[part.about] = held.get(part.about, 0) + part.rows
    return [
        Finding(COUNT, one.name, str(one.rows), str(held.get(one.name, 0)))
        for one in manifest.relations
        if one.rows != held.get(one.name, 0)
    ]


def differing_rows(signed: Sequence[Row], found: Sequence[Row]) -> list[int]:
    """The places, from 1, of rows that differ; where one side has fewer, those that the other alone has."""
    shared = min(len(signed), len(found))
    different = [place + 1 for place in range(shared) if signed[place] != found[place]]
    return different + list(range(shared + 1, max(len(signed), len(found)) + 1))


def check_order(packages: Sequence[tuple[str, Manifest]]) -> list[Finding]:
    """Whether these packages, each with the digest of its manifest, are a full one and all its increments.

    In the order given. A gap is told with the number that is missing.
    """
    if not packages or packages[0][1].kind != FULL:
        return [Finding(NO_BASE, packages[0][1].series if packages else "")]
    return check_following(packages)


def check_following(packages: Sequence[tuple[str, Manifest]]) -> list[Finding]:
    """Where a package does not follow the one before it; the first may be any."""
    findings: list[Finding] = []
    for (digest, earlier), (_, later) in pairwise(packages):
        findings += _follows(digest, earlier, later)
    return findings


def _follows(digest: str, earlier: Manifest, later: Manifest) -> list[Finding]:
    number = str(later.number)
    if later.series != earlier.series:
        return [Finding(ORIGIN, number, earlier.series, later.series)]
    if later.signer != earlier.signer:
        return [Finding(SIGNER, number, earlier.signer, later.signer)]
    if later.number != earlier.number + 1:
        return [Finding(GAP, number, str(earlier.number + 1), number)]
    if later.predecessor != digest:
        return [Finding(GAP, number, digest, later.predecessor)]
    if later.schema != earlier.schema:
        return [Finding(SCHEMA_CHANGED, number, earlier.schema, later.schema)]
    return []


def _of(part: Part) -> str:
    """What a part holds, in few words: `result 2026-11, 1204 rows, 5 to 1208`."""
    between = "" if part.low is None else f", {part.low}..{part.high}"
    return f"{part.about or part.kind}: {part.rows}{between}"


def _changed(part: Part, seen: Seen) -> str:
    return f"{seen.size} bytes instead of {part.size}" if seen.size != part.size else ""
