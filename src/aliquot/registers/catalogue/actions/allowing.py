"""What is allowed of a test from a day on: stated by the director on a page or in a table, or as shipped."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aliquot.foundation.actors import Actor
from aliquot.foundation.context import state_reason
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.models import AllowableError, Test
from aliquot.registers.catalogue.rules.allowable_tables import (
    COLUMNS,
    KINDS,
    Fault,
    Stated,
    Wrong,
    read_row,
    read_table,
)

MOST_SAID = 20
"""Faults of a table that are said at once."""
SENTENCES: Mapping[Wrong, Promise] = {
    Wrong.NO_TABLE: gettext_lazy(
        "This is no table: save it as CSV, with the names of the columns in the first line."
    ),
    Wrong.NO_COLUMN: gettext_lazy("The column %(column)s is missing: add it."),
    Wrong.UNKNOWN_COLUMN: gettext_lazy("There is no column %(column)s here; there are %(columns)s."),
    Wrong.EMPTY: gettext_lazy("%(column)s is empty: write it."),
    Wrong.NO_TEST: gettext_lazy("The catalogue has no test %(value)s: write a code of the catalogue."),
    Wrong.NO_DAY: gettext_lazy("%(column)s: %(value)s is no day from 2000 on: write it like 2026-01-31."),
    Wrong.NO_KIND: gettext_lazy("%(column)s: %(value)s is not known: write one of %(kinds)s."),
    Wrong.NO_NUMBER: gettext_lazy(
        "%(column)s: %(value)s is no number: write digits, without a sign of per cent."
    ),
    Wrong.NOT_POSITIVE: gettext_lazy(
        "%(column)s: %(value)s is not above 0: leave it empty where nothing is stated."
    ),
    Wrong.TOO_LARGE: gettext_lazy("%(column)s: %(value)s is too large: look at its unit."),
    Wrong.NO_FLAG: gettext_lazy("%(column)s: write Y for an approximation, else leave it empty."),
    Wrong.NOT_BOTH: gettext_lazy(
        "%(column)s does not go with this kind: from biological variation the limits are computed,"
        " of any other kind they are stated."
    ),
    Wrong.NOTHING: gettext_lazy("Nothing is allowed here: state a total error, a bias or a CV."),
    Wrong.TWICE: gettext_lazy("%(value)s stands here twice from the same day on: keep one of the lines."),
}


def state_allowable(
    test: Test, given: Mapping[str, str], *, reason: str, by: Actor, at: datetime
) -> AllowableError:
    """What is allowed of a test from a day on, by the columns of a table; the audit keeps the reason.

    It holds before what is shipped. The same day anew is a correction. Only who approves the catalogue.
    Source: ISO 15189:2022, 7.3.7.1 and 7.3.7.2 (the laboratory states what its control is judged by).
    """
    by.require("approve_catalogue")
    fields = {}
    if not reason.strip():
        fields["reason"] = _("Say why, and where the limits come from.")
    stated, faults = read_row({**given, "test": test.code}, {test.code})
    fields |= {one.column: _sentence(one) for one in faults}
    if fields or stated is None:
        raise Refused(" ".join(dict.fromkeys(fields.values())), fields=fields)
    with transaction.atomic():
        state_reason(reason.strip())
        [kept] = _keep([stated], {test.code: test.pk}, is_shipped=False, by=by, at=at)
        return kept


def take_allowable_table(name: str, content: bytes, *, reason: str, by: Actor, at: datetime) -> int:
    """Take over a laboratory's own table, CSV or TOML, all of it or nothing; how many rows.

    Refused with every fault by its line and column. Only who approves the catalogue.
    """
    by.require("approve_catalogue")
    if not reason.strip():
        sentence = _("Say why, and where the limits come from.")
        raise Refused(sentence, fields={"reason": sentence})
    tests = dict(Test.objects.values_list("code", "pk"))
    stated, faults = read_table(name, _decoded(content), tests)
    if faults:
        raise Refused(_said(faults), fields={"file": _said(faults)})
    with transaction.atomic():
        state_reason(reason.strip())
        return len(_keep(stated, tests, is_shipped=False, by=by, at=at))


def load_allowable(text: str, *, by: Actor, at: datetime) -> None:
    """Bring the shipped rows to this table; a faulty line stops the loading. Rows of a laboratory stay."""
    tests = dict(Test.objects.values_list("code", "pk"))
    stated, faults = read_table("allowable.csv", text, tests)
    if faults:
        raise ValueError(f"allowable.csv: {_said(faults)}")
    wanted = {(tests[one.test], one.since) for one in stated}
    shipped = AllowableError.objects.filter(is_shipped=True)
    gone = [pk for pk, *key in shipped.values_list("pk", "test_id", "since") if tuple(key) not in wanted]
    AllowableError.objects.filter(pk__in=gone).delete()
    _keep(stated, tests, is_shipped=True, by=by, at=at)


def _keep(
    stated: Sequence[Stated], tests: dict[str, int], *, is_shipped: bool, by: Actor, at: datetime
) -> list[AllowableError]:
    """The rows of what is stated; only what differs is written."""
    said = {"is_shipped": is_shipped, "stated_by": by.key, "stated_at": at}
    rows = {
        (tests[one.test], one.since): AllowableError(test_id=tests[one.test], **_facts(one), **said)
        for one in stated
    }
    known = {
        (one.test_id, one.since): one
        for one in AllowableError.objects.filter(
            is_shipped=is_shipped, test_id__in={pk for pk, _since in rows}
        )
    }
    changed = [row for key, row in rows.items() if key not in known or _differs(row, known[key])]
    AllowableError.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["test", "since", "is_shipped"],
        update_fields=[*FACTS, "stated_by", "stated_at"],
    )
    return list(rows.values())


FACTS = (
    "kind",
    "within_cv",
    "between_cv",
    "total_percent",
    "total",
    "bias_percent",
    "cv_percent",
    "is_approximate",
    "source",
)


def _facts(one: Stated) -> dict[str, Any]:
    allowed = {
        name: getattr(one.allowed, name) for name in ("total_percent", "total", "bias_percent", "cv_percent")
    }
    variation = {"within_cv": one.within, "between_cv": one.between}
    said = {
        "kind": one.kind.value,
        "since": one.since,
        "is_approximate": one.is_approximate,
        "source": one.source,
    }
    return {**allowed, **variation, **said}


def _differs(row: AllowableError, known: AllowableError) -> bool:
    return any(getattr(row, name) != getattr(known, name) for name in FACTS)


def _decoded(content: bytes) -> str:
    """UTF-8, or what Russian spreadsheets write."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1251", errors="replace")


def _said(faults: Sequence[Fault]) -> str:
    shown = [f"{_place(one)}{_sentence(one)}" for one in faults[:MOST_SAID]]
    if len(faults) > MOST_SAID:
        shown.append(_("And %(count)d more.") % {"count": len(faults) - MOST_SAID})
    return "\n".join(shown)


def _place(fault: Fault) -> str:
    return _("line %(line)d: ") % {"line": fault.line} if fault.line else ""


def _sentence(fault: Fault) -> str:
    lists = {"columns": ", ".join(COLUMNS), "kinds": ", ".join(KINDS)}
    return str(SENTENCES[fault.wrong]) % {"column": fault.column, "value": fault.value, **lists}
