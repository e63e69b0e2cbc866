"""Pages of a long list by the place where the last one ended, so that new rows never shift it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

SIZE = 40


@dataclass(frozen=True, slots=True)
class Page:
    """The rows, and the text to ask for those behind them; empty on the last page."""

    rows: list[Any]
    older: str


def page_of(rows: QuerySet[Any], moment: str, before: str = "", *, size: int = SIZE) -> Page:
    """The newest `size` rows before a place; `moment` is the column they are ordered by, newest first."""
    if (place := _place(before)) is not None:
        at, key = place
        rows = rows.filter(Q(**{f"{moment}__lt": at}) | Q(**{moment: at, "pk__lt": key}))
    found = list(rows[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], f"{getattr(last, moment).isoformat()}_{last.pk}" if last else "")


def _place(text: str) -> tuple[datetime, int] | None:
    at, _sign, key = text.rpartition("_")
    try:
        return datetime.fromisoformat(at), int(key)
    except ValueError:
        return None
