"""Tables of a round are read in: results of participants, or a provider's report; all of it or nothing."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.foundation.sheets import UnreadableSheetError, read_table
from aliquot.oversight.proficiency.actions.entering import Returned, keep_result, require_writable
from aliquot.oversight.proficiency.actions.opening import require_organiser
from aliquot.oversight.proficiency.actions.receiving import lock_participation
from aliquot.oversight.proficiency.models import (
    Participation,
    ProficiencyItem,
    ProficiencyResult,
    ProficiencyRound,
    ProficiencyTarget,
)
from aliquot.oversight.proficiency.rules.entries import COLUMNS, Line, read_lines

FAULTS_SHOWN = 20
Found = tuple[Line, Participation, ProficiencyItem]


def import_results(
    found: ProficiencyRound, content: bytes, *, by: Actor, at: datetime
) -> list[ProficiencyResult]:
    """The results of a table (CSV, XLSX): participant, sample, test, value; unit, u, method where known.

    A sample with one item needs no test; where only one laboratory takes part no participant is needed.
    Refused with every fault and its cell; nothing is kept then.
    """
    with transaction.atomic():
        rows = _rows(found, content, needed=("sample", "value"))
        faults: list[str] = []
        kept = []
        for laboratory in sorted({one.laboratory_id for _line, one, _item in rows}):
            require_writable(lock_participation(found.pk, laboratory, by), at)
        for line, participation, item in rows:
            keep = _keeping(line, participation, item, by, at)
            kept += _tried(line.cell, keep, faults) if line.entry.text else []
        _refuse_all(faults)
        return kept


def import_report(
    found: ProficiencyRound,
    content: bytes,
    *,
    by: Actor,
    at: datetime,  # noqa: ARG001 - one shape
) -> list[ProficiencyTarget]:
    """The assigned values of a provider's report: sample, test, assigned or expected, u_assigned, sigma_pt.

    What the provider says of a result (z, evaluation) is kept with it. Refused with every fault and its cell.
    """
    require_organiser(found.organiser_id, by)
    with transaction.atomic():
        held = ProficiencyRound.objects.select_for_update().get(pk=found.pk)
        if held.state != ProficiencyRound.State.OPEN:
            raise Refused(_("This round is over."))
        rows = _rows(held, content, needed=("sample",))
        faults = [
            _("%(cell)s: the assigned value, or the expected word, is missing.") % {"cell": line.cell}
            for line, _participation, item in rows
            if (line.assigned is None if item.is_quantitative else not line.expected)
        ]
        _refuse_all(faults)
        for line, participation, item in rows:
            _keep_said(line, participation, item)
        said = {item.pk for _line, _participation, item in rows}
        return list(ProficiencyTarget.objects.filter(item_id__in=said).order_by("item_id"))


def _rows(found: ProficiencyRound, content: bytes, *, needed: Sequence[str]) -> list[Found]:
    """Every line with whose and which item it is; Refused with all faults."""
    try:
        table = read_table(content, COLUMNS)
    except UnreadableSheetError as fault:
        raise Refused(_("The table cannot be read: %(fault)s.") % {"fault": str(fault)}) from fault
    lines, faults = read_lines(table, needed=needed)
    words = [one.words(_) for one in faults]
    participants = {one.code.casefold(): one for one in _participants(found)}
    items = _items(found)
    rows = []
    for line in lines:
        participation = _participation(line, participants, words)
        item = _item(line, items, words)
        if participation is not None and item is not None:
            rows.append((line, participation, item))
    _refuse_all(words)
    if not rows:
        raise Refused(_("The table has no line with a result."))
    return rows


def _participants(found: ProficiencyRound) -> list[Participation]:
    return list(Participation.objects.filter(round=found).select_related("laboratory"))


def _items(found: ProficiencyRound) -> dict[str, list[ProficiencyItem]]:
    by_sample: dict[str, list[ProficiencyItem]] = {}
    for one in ProficiencyItem.objects.filter(round=found).select_related("sample", "test").order_by("id"):
        by_sample.setdefault(one.sample.code.casefold(), []).append(one)
    return by_sample


def _participation(line: Line, known: Mapping[str, Participation], faults: list[str]) -> Participation | None:
    name = line.entry.participant.casefold()
    if not name and len(known) == 1:
        return next(iter(known.values()))
    sites = {one.laboratory.code.casefold(): one for one in known.values()}
    found = known.get(name) or sites.get(name)
    if found is None:
        facts = {"cell": line.cell, "name": line.entry.participant}
        faults.append(_("%(cell)s: no laboratory “%(name)s” takes part in the round.") % facts)
    return found


def _item(
    line: Line, known: Mapping[str, Sequence[ProficiencyItem]], faults: list[str]
) -> ProficiencyItem | None:
    of_sample = known.get(line.sample.casefold(), ())
    if not of_sample:
        facts = {"cell": line.cell, "sample": line.sample}
        faults.append(_("%(cell)s: the round has no sample “%(sample)s”.") % facts)
        return None
    name = line.test.casefold()
    fit = [one for one in of_sample if not name or name in _names(one)]
    if len(fit) == 1:
        return fit[0]
    facts = {"cell": line.cell, "sample": line.sample, "test": line.test}
    faults.append(_("%(cell)s: sample %(sample)s has no test “%(test)s”, or several.") % facts)
    return None


def _names(item: ProficiencyItem) -> set[str]:
    """What people call a test: its code, its LOINC, its names."""
    test = item.test
    said = (test.code, test.loinc, test.short_en, test.short_ru, test.name_en, test.name_ru)
    return {one.casefold() for one in said if one}


def _keeping(
    line: Line, participation: Participation, item: ProficiencyItem, by: Actor, at: datetime
) -> Callable[[], ProficiencyResult]:
    returned = Returned(line.entry.text, line.unit, line.entry.u, line.entry.group)
    return lambda: keep_result(item, participation.laboratory_id, returned, by=by, at=at)


def _tried(cell: str, keep: Callable[[], ProficiencyResult], faults: list[str]) -> list[ProficiencyResult]:
    try:
        return [keep()]
    except Refused as fault:
        faults.append(f"{cell}: {fault.reason}")
        return []


def _keep_said(line: Line, participation: Participation, item: ProficiencyItem) -> None:
    ProficiencyTarget.objects.filter(item=item).update(**_assigned(line, item))
    if line.z is not None or line.evaluation:
        ProficiencyResult.objects.filter(item=item, laboratory_id=participation.laboratory_id).update(
            provider_z=None if line.z is None else round(line.z, 4), provider_evaluation=line.evaluation
        )


def _assigned(line: Line, item: ProficiencyItem) -> dict[str, Decimal | str | None]:
    """What a line assigns, as columns; what it leaves empty stays as planned."""
    if not item.is_quantitative:
        return {"expected": line.expected, "basis": "expert"}
    said = {"assigned": line.assigned, "u_assigned": line.u_assigned, "sigma": line.sigma}
    return {name: value for name, value in said.items() if value is not None}


def _refuse_all(faults: Sequence[str]) -> None:
    if faults:
        shown = list(faults[:FAULTS_SHOWN])
        if len(faults) > FAULTS_SHOWN:
            shown.append(_("… and %(count)s more.") % {"count": str(len(faults) - FAULTS_SHOWN)})
        raise Refused("\n".join(shown), fields={"file": "\n".join(shown)})
