"""What was added to a driver for one analyzer, and the words that analyzer used."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from aliquot.flow.instruments.models import Adaptation, Analyzer
from aliquot.flow.instruments.queries.drivers import driver_of
from aliquot.flow.instruments.rules.reading import Reading, Understood
from aliquot.flow.instruments.rules.terms import SeenTerm, collect_terms
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"
MOST_MESSAGES = 1000


def adaptations(analyzer: Analyzer) -> list[Adaptation]:
    """What this laboratory added to the analyzer's driver, by kind and term."""
    return list(Adaptation.objects.filter(analyzer=analyzer).order_by("kind", "term"))


def seen_terms(analyzer: Analyzer, *, limit: int = 500) -> list[SeenTerm]:
    """The words in the analyzer's last messages, at most `limit` of them and 1000, unknown words first.

    Read as today's driver and adaptation read them, so that a word that was mapped just now is known.
    """
    size = max(1, min(limit, MOST_MESSAGES))
    rows = sql_files.fetch_rows(SQL, "last_contents", analyzer=analyzer.pk, limit=size)
    codes = dict(analyzer.mappings.values_list("code", "test__code"))
    return collect_terms(_readings(analyzer, rows), codes)


def _readings(analyzer: Analyzer, rows: list[tuple[datetime, bytes]]) -> Iterator[tuple[datetime, Reading]]:
    driver, zone = driver_of(analyzer.pk, analyzer.driver), ZoneInfo(analyzer.time_zone)
    for at, content in rows:
        try:
            understood = driver.read(content, zone)
        except Exception:  # noqa: BLE001 - a message that no driver reads has no words to map
            understood = Understood()
        for reading in understood.readings:
            yield at, reading
