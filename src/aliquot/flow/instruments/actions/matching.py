"""What a message says, beside what the ledger knows of its tubes and codes; nothing is written here."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from aliquot.flow.instruments.rules.matching import Asked, Mapping, Match, Verdict, flags_of, judge_reading
from aliquot.flow.instruments.rules.reading import Reading, Understood
from aliquot.flow.specimens.rules.numbering import region_of
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"
DETAIL_LIMIT = 500  # characters of an error or a raw record kept as a reason


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message to be read.

    Of one read before, `again` maps positions to (reading's id, assigned tube, replayed, what it said:
    specimen, code and value).
    """

    id: int
    laboratory_id: int
    analyzer_id: int
    driver: str
    time_zone: str
    content: bytes
    is_repeated: bool = False
    is_number_reused: bool = False
    again: dict[int, tuple[int, str, bool, tuple[str, str, str]]] | None = None


@dataclass(slots=True)
class Candidate:
    """One reading on its way: what was said, the tube it names, what it matches, what becomes of it."""

    message: Claimed
    reading: Reading
    flags: list[str]
    tube: str
    id: int = 0
    is_replayed: bool = False
    match: Match = field(default_factory=Match)
    verdict: Verdict = field(default_factory=lambda: Verdict("quarantined"))
    state: str = ""


def candidates_of(message: Claimed, understood: Understood) -> list[Candidate]:
    raised: dict[str, list[str]] = defaultdict(list)
    for reading in understood.readings:
        if reading.kind == "message":
            raised[reading.specimen_code].append(reading.code)
    sender = "" if understood.sender_expected else understood.sender or "?"
    return [
        Candidate(
            message,
            reading,
            flags_of(reading, raised.get(reading.specimen_code, ()) if raised else (), sender),
            reading.specimen_code,
        )
        for reading in understood.readings
        if not reading.dropped
    ]


def check_storable(found: list[Candidate]) -> None:
    """Raise ValueError on text that no database column takes: NUL, or half a character."""
    for one in found:
        reading = one.reading
        text = "".join((reading.specimen_code, reading.code, reading.value, reading.unit_raw, *one.flags))
        if not text.isascii():
            text.encode()
        if "\x00" in text:
            raise ValueError(f"a NUL character in result {reading.position}")


def safe_text(text: str) -> str:
    """The beginning of it without what no database column takes: NUL, or half a character."""
    return text[:DETAIL_LIMIT].replace("\x00", "").encode("utf-8", "replace").decode()


@cache
def zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def match_candidates(candidates: list[Candidate]) -> None:
    """Find for every reading its mapping, its tube and the test on it, by three statements; then judge."""
    mappings = _mappings({one.message.analyzer_id for one in candidates})
    tubes, asked = _tubes({one.tube for one in candidates if one.tube})
    prefixes = {row[0] for row in sql_files.fetch_rows(SQL, "own_prefixes")}
    for one in candidates:
        # an index is of the tube, whatever its code may be mapped to
        mapping = None if one.reading.index else mappings.get((one.message.analyzer_id, one.reading.code))
        one.match = Match(
            mapping,
            tubes.get(one.tube),
            asked.get((one.tube, mapping.test_id)) if mapping else None,
            is_own_number=region_of(one.tube) in {"", *prefixes} if one.tube not in tubes else True,
        )
        one.verdict = judge_reading(one.reading, one.match, laboratory_id=one.message.laboratory_id)
        one.state = one.verdict.state


def _mappings(analyzers: set[int]) -> dict[tuple[int, str], Mapping]:
    rows = sql_files.fetch(Mapping, SQL, "mappings", analyzers=list(analyzers))
    return {(row.analyzer_id, row.code): row for row in rows}


def _tubes(numbers: set[str]) -> tuple[dict[str, Asked], dict[tuple[str, int | None], Asked]]:
    found = sql_files.send_rows(SQL, "tubes", numbers=list(numbers)) if numbers else []
    rows = [Asked(*row) for row in found]
    return {row.number: row for row in rows}, {(row.number, row.test_id): row for row in rows}
