"""Results of a round: typed, or taken from the tube that the sample was measured in; then submitted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.results.models import Result
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.foundation.units import UnitError, convert
from aliquot.oversight.proficiency.actions.receiving import lock_participation
from aliquot.oversight.proficiency.models import (
    Participation,
    ProficiencyItem,
    ProficiencyResult,
    ProficiencyRound,
    SampleReceipt,
)
from aliquot.oversight.proficiency.rules.entries import read_number
from aliquot.oversight.proficiency.rules.grades import place_of
from aliquot.registers.network.models import Site

LARGEST = Decimal(10) ** 12
TEXT_LIMIT = 200
USABLE = (Result.State.RECORDED, Result.State.HELD, Result.State.RELEASED, Result.State.KEPT)


@dataclass(frozen=True, slots=True)
class Returned:
    """What a laboratory returns: text as read, its unit (empty: the item's), u in that unit, the method."""

    text: str
    unit: str = ""
    u: Decimal | None = None
    method: str = ""
    analyzer: Analyzer | None = None
    result_id: int | None = None


def record_eqa_result(
    item: ProficiencyItem, laboratory: Site, returned: Returned, *, by: Actor, at: datetime
) -> ProficiencyResult:
    """The result of an item as it stands now; until it is submitted a newer one takes its place.

    Refused after the deadline, for a unit that does not convert, and for a word that is not on the scale.
    """
    with transaction.atomic():
        require_writable(lock_participation(item.round_id, laboratory.pk, by), at)
        return keep_result(item, laboratory.pk, returned, by=by, at=at)


def take_measured_results(
    found: ProficiencyRound, laboratory: Site, *, by: Actor, at: datetime
) -> list[ProficiencyResult]:
    """What was measured in the tubes that the samples were taken in as; of an analyzer's runs the newest.

    One analyzer's result is returned, what others measured stands beside it, and may still come once that is
    submitted. Items without a measured tube stay as they are. Source: ISO 15189:2022, 7.3.7.3 c.
    """
    with transaction.atomic():
        participation = lock_participation(found.pk, laboratory.pk, by)
        is_submitted = participation.submitted_at is not None
        if not is_submitted:
            require_writable(participation, at)
        receipts = SampleReceipt.objects.filter(
            sample__round=found, laboratory=laboratory, specimen__isnull=False
        )
        tubes = {one.sample_id: one.specimen_id for one in receipts}
        items = ProficiencyItem.objects.filter(sample_id__in=tubes).select_related("test", "sample")
        measured, kept = _measured(tubes.values()), _analyzers_of(found, laboratory)
        taken = []
        for item in items.order_by("id"):
            runs = measured.get((tubes[item.sample_id], item.test_id), {})
            for result, is_further in _in_order(runs, kept.get(item.pk), is_submitted=is_submitted):
                taken.append(
                    keep_result(item, laboratory.pk, _of(result), is_further=is_further, by=by, at=at)
                )
        return taken


def record_further_result(
    item: ProficiencyItem, laboratory: Site, returned: Returned, *, by: Actor, at: datetime
) -> ProficiencyResult:
    """What another analyzer of the laboratory measured in the sample: scored beside what is returned.

    Allowed until the round is evaluated, also once submitted: it changes nothing that was. Refused without
    an analyzer of this laboratory, and before one result is kept to be returned.
    """
    with transaction.atomic():
        lock_participation(item.round_id, laboratory.pk, by)
        if returned.analyzer is None or returned.analyzer.laboratory_id != laboratory.pk:
            words = _("Choose an analyzer of this laboratory.")
            raise Refused(words, fields={"analyzer": words})
        own = ProficiencyResult.objects.filter(item=item, laboratory=laboratory, is_further=False).first()
        if own is None:
            raise Refused(_("Keep the result that is returned first."))
        if own.analyzer_id == returned.analyzer.pk:
            words = _("The result of this analyzer is the one that is returned. Choose another.")
            raise Refused(words, fields={"analyzer": words})
        named = replace(returned, method=returned.method or returned.analyzer.driver)
        return keep_result(item, laboratory.pk, named, is_further=True, by=by, at=at)


def submit_results(found: ProficiencyRound, laboratory: Site, *, by: Actor, at: datetime) -> Participation:
    """The participation with its results as they stand, from now on unchanged; Refused without any result."""
    with transaction.atomic():
        participation = lock_participation(found.pk, laboratory.pk, by)
        require_writable(participation, at)
        own = ProficiencyResult.objects.filter(round=found, laboratory=laboratory, is_further=False)
        if not own.exists():
            raise Refused(_("There is no result to submit yet."))
        participation.submitted_at, participation.submitted_by = at, by.key
        participation.save(update_fields=["submitted_at", "submitted_by"])
        return participation


def require_writable(participation: Participation, at: datetime) -> None:
    """Refused once submitted, or past the deadline."""
    if participation.submitted_at is not None:
        raise Refused(_("The results were submitted and stand as they are."))
    deadline = ProficiencyRound.objects.get(pk=participation.round_id).submit_by
    if at > deadline:
        when = date_format(localtime(deadline), "SHORT_DATETIME_FORMAT")
        raise Refused(
            _("The deadline was %(when)s. Ask the organiser to move it if there is a reason.")
            % {"when": when}
        )


def keep_result(
    item: ProficiencyItem,
    laboratory_id: int,
    returned: Returned,
    *,
    is_further: bool = False,
    by: Actor,
    at: datetime,
) -> ProficiencyResult:
    """The row of a result, new or in place of the earlier one, in the unit of the item."""
    value, u = _numbers(item, returned) if item.is_quantitative else (None, None)
    if not item.is_quantitative:
        _check_word(item, returned.text)
    whose: dict[str, Any] = {"analyzer": returned.analyzer} if is_further else {}
    kept, _is_new = ProficiencyResult.objects.update_or_create(
        item=item,
        laboratory_id=laboratory_id,
        is_further=is_further,
        **whose,
        defaults={
            "round_id": item.round_id,
            "organiser_id": item.organiser_id,
            "text": _text(returned.text),
            "value": value,
            "u": u,
            "method": returned.method.strip(),
            "analyzer": returned.analyzer,
            "result_id": returned.result_id,
            "entered_at": at,
            "entered_by": by.key,
        },
    )
    return kept


def _numbers(item: ProficiencyItem, returned: Returned) -> tuple[Decimal | None, Decimal | None]:
    """Value and uncertainty in the item's unit; a value beyond the measuring range (<0.5) has no number."""
    text = _text(returned.text)
    if text[:1] in {"<", ">", "≤", "≥"}:
        return None, None
    try:
        value = read_number(text)
    except ValueError as fault:
        words = _("“%(text)s” is no number. Type digits, without a unit.") % {"text": text}
        raise Refused(words, fields={"value": words}) from fault
    if returned.u is not None and returned.u < 0:
        words = _("An uncertainty is not negative.")
        raise Refused(words, fields={"u": words})
    return _converted(item, value, returned.unit), returned.u and _converted(item, returned.u, returned.unit)


def _converted(item: ProficiencyItem, value: Decimal, unit: str) -> Decimal:
    try:
        found = value if not unit or unit == item.unit else convert(value, unit, item.unit)
    except UnitError as fault:
        facts = {"unit": unit, "needed": item.unit or "1", "fault": str(fault)}
        words = _("The unit %(unit)s does not convert into %(needed)s: %(fault)s") % facts
        raise Refused(words, fields={"unit": words}) from fault
    if abs(found) >= LARGEST:
        words = _("This number is too large. Check it.")
        raise Refused(words, fields={"value": words})
    return round(found, 6)


def _check_word(item: ProficiencyItem, text: str) -> None:
    if item.grades and place_of(_text(text), item.grades) is None:
        facts = {"text": text.strip(), "grades": ", ".join(item.grades)}
        words = _("“%(text)s” is not on the scale: %(grades)s.") % facts
        raise Refused(words, fields={"value": words})


def _text(text: str) -> str:
    found = " ".join(text.split())
    if not found or len(found) > TEXT_LIMIT:
        words = _("Enter a result of at most %(limit)s characters.") % {"limit": str(TEXT_LIMIT)}
        raise Refused(words, fields={"value": words})
    return found


Runs = dict[int | None, Result]
"""Results of one test in one tube by analyzer; None: by hand."""


def _measured(specimens: Iterable[int | None]) -> dict[tuple[int | None, int], Runs]:
    """The newest usable result of each tube, test and analyzer; who measured first stands first."""
    found = Result.objects.filter(specimen_id__in=list(specimens), state__in=USABLE).select_related(
        "analyzer"
    )
    runs: dict[tuple[int | None, int], Runs] = {}
    for one in found.order_by("id"):
        runs.setdefault((one.specimen_id, one.test_id), {})[one.analyzer_id] = one
    return runs


def _analyzers_of(found: ProficiencyRound, laboratory: Site) -> dict[int, int | None]:
    """The analyzer of each item's result that is returned, as it stands now."""
    own = ProficiencyResult.objects.filter(round=found, laboratory=laboratory, is_further=False)
    return dict(own.values_list("item_id", "analyzer_id"))


def _in_order(runs: Runs, kept: int | None, *, is_submitted: bool) -> list[tuple[Result, bool]]:
    """The results to keep, each with whether it is further; what is submitted is not taken again.

    Returned is what was, else what a person entered, else what measured first.
    """
    if not runs:
        return []
    own = kept if kept in runs else None if None in runs else next(iter(runs))
    others = [(one, True) for key, one in runs.items() if key is not None and key != own]
    return others if is_submitted else [(runs[own], False), *others]


def _of(result: Result) -> Returned:
    method = result.analyzer.driver if result.analyzer is not None else ""
    return Returned(
        result.comparator + result.value_text.removeprefix(result.comparator),
        result.unit if result.value is not None else "",
        None,
        method,
        result.analyzer,
        result.pk,
    )
