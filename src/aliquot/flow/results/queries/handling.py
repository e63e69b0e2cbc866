"""Who looks at a result just now, and what a person may still take back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db.models import Max

from aliquot.flow.results.models import Decision, ResultClaim
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody (`by`, the key of an actor) looks at a result since then, and until then unless he stays."""

    result_id: int
    by: str
    since: datetime
    until: datetime


def claims_of(result_ids: Iterable[int], *, at: datetime) -> dict[int, Claim]:
    """Who looks at these results now, by result; nobody's are left out."""
    ids = sorted(set(result_ids))
    found = sql_files.fetch(Claim, SQL, "claims_of", ids=ids, at=at) if ids else []
    return {one.result_id: one for one in found}


def claims_at(laboratory_id: int, *, at: datetime) -> list[Claim]:
    """Who looks at which results of a laboratory now."""
    found = ResultClaim.objects.filter(laboratory_id=laboratory_id, until__gt=at).order_by("result_id")
    return [Claim(one.result_id, one.by, one.since, one.until) for one in found]


def last_decisions(by: str, laboratory_id: int, *, at: datetime) -> list[Decision]:
    """What this person decided last here, all results of one step, while it may be taken back."""
    found = Decision.objects.filter(laboratory_id=laboratory_id, by=by, ended_at=None, until__gt=at)
    newest = list(found.order_by("-at", "result_id"))
    return [one for one in newest if one.at == newest[0].at]


def open_decisions(order_ids: Iterable[int]) -> dict[int, datetime]:
    """The orders about which something may still be taken back or is not settled, and until when at most."""
    found = Decision.objects.filter(order_id__in=set(order_ids), ended_at=None)
    return dict(found.values_list("order_id").annotate(last=Max("until")))


def kept_back(order_ids: Iterable[int]) -> dict[int, datetime]:
    """The orders of which a release may still be taken back, and until when: nothing of them may leave."""
    ids = sorted(set(order_ids))
    return dict(sql_files.fetch_rows(SQL, "kept_back", orders=ids)) if ids else {}
