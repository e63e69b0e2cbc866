"""Documents as they are kept."""

from collections.abc import Iterator
from pathlib import Path

from aliquot.foundation import sql_files
from aliquot.oversight.handover.rules.bundling import Document

SQL = Path(__file__).parent.parent / "sql"
DOCUMENT_TABLES = {"report_document": "documents", "study_document": "study_documents"}
AT_ONCE = 100


def documents_of(table: str, between: tuple[int, int]) -> Iterator[Document]:
    """Documents with keys strictly between, in their order."""
    low, high = between
    statement = DOCUMENT_TABLES[table]
    for key, language, content, title, at in sql_files.stream_rows(
        SQL, statement, at_once=AT_ONCE, using="owner", low=low, high=high
    ):
        yield Document(key, f"{key}-{language}.pdf", title, at.isoformat() if at else "", bytes(content))
