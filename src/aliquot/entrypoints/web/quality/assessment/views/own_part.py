"""A laboratory's own part of a round: receipt, tubes, results, submitting; its scores afterwards."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.quality.assessment import pictures
from aliquot.entrypoints.web.quality.assessment.forms import FurtherForm, ReceiptForm, ResultsForm, TableForm
from aliquot.entrypoints.web.quality.assessment.views.overview import READERS
from aliquot.entrypoints.web.quality.assessment.words import (
    assigned_text,
    further_scores,
    reasons_said,
    result_text,
    score_text,
    signal_said,
)
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs, tell_refusal
from aliquot.entrypoints.web.shell.wording import left_text
from aliquot.foundation.errors import Refused
from aliquot.oversight.proficiency import actions
from aliquot.oversight.proficiency.models import (
    FailureCase,
    Participation,
    ProficiencyRound,
    ProficiencySample,
    SampleReceipt,
)
from aliquot.oversight.proficiency.queries import WorkLine, with_further, worksheet
from aliquot.registers.people.queries import name_of, names_of

Work = Callable[[SignedRequest, Participation, Any], str]


@needs(*READERS)
@local_clock
def sheet(request: SignedRequest, round_id: int, site: str) -> HttpResponse:
    """What this laboratory received, returns or returned; its scores once the round is evaluated."""
    return _page(request, participation_at(round_id, site))


@require_POST
@needs("run_control")
@local_clock
def receive(request: SignedRequest, round_id: int, site: str) -> HttpResponse:
    """Take in what came, each in its condition, and name the tubes."""
    part = participation_at(round_id, site)
    form = ReceiptForm(_samples(worksheet(round_id, part.laboratory_id)), request.POST)
    return _done(request, part, form, _receive, "receipt")


@require_POST
@needs("run_control")
def take_measured(request: SignedRequest, round_id: int, site: str) -> HttpResponse:
    """Take the results of the tubes that the samples were taken in as."""
    part = participation_at(round_id, site)
    return _done(request, part, Form(request.POST), _take_measured, "measured")


@require_POST
@needs("run_control")
@local_clock
def keep(request: SignedRequest, round_id: int, site: str) -> HttpResponse:
    """Keep what was typed; it may change until it is submitted."""
    part = participation_at(round_id, site)
    form = ResultsForm(worksheet(round_id, part.laboratory_id), request.POST)
    return _done(request, part, form, _keep, "results")


@require_POST
@needs("run_control")
def add_further(request: SignedRequest, round_id: int, site: str) -> HttpResponse:
    """What another analyzer measured, typed."""
    part = participation_at(round_id, site)
    return _done(request, part, FurtherForm(part, request.POST), _add_further, "further_form")


@require_POST
@needs("run_control")
def take_file(request: SignedRequest, round_id: int, site: str) -> HttpResponse:
    """Results from a table."""
    part = participation_at(round_id, site)
    return _done(request, part, TableForm(request.POST, request.FILES), _take_file, "table")


@require_POST
@needs("run_control")
def submit(request: SignedRequest, round_id: int, site: str) -> HttpResponse:
    """Return the results as they stand."""
    part = participation_at(round_id, site)
    return _done(request, part, Form(request.POST), _submit, "submitting")


def participation_at(round_id: int, site: str) -> Participation:
    """A laboratory in a round, where one may see it."""
    found = Participation.objects.select_related("round__organiser", "laboratory", "organiser")
    return get_object_or_404(found, round_id=round_id, laboratory__code=site)


def _done(request: SignedRequest, part: Participation, form: Any, work: Work, name: str) -> HttpResponse:
    if form.is_valid():
        try:
            with transaction.atomic():
                messages.success(request, work(request, part, form))
            return redirect("quality:eqa-sheet", part.round_id, part.laboratory.code)
        except Refused as fault:
            tell_refusal(form, fault)
    return _page(request, part, **{name: form})


def _receive(request: SignedRequest, part: Participation, form: ReceiptForm) -> str:
    done = sum([_take_in(request, part, form, row.sample, row.receipt) for row in form.rows()])
    if not done:
        raise Refused(_("Say of at least one sample in which condition it came, or name its tube."))
    return ngettext("%(count)s sample is noted.", "%(count)s samples are noted.", done) % {"count": done}


def _take_in(
    request: SignedRequest,
    part: Participation,
    form: ReceiptForm,
    sample: ProficiencySample,
    receipt: SampleReceipt | None,
) -> bool:
    """Whether something was said of this sample, which is kept then."""
    condition, note, tube = (form.given(name, sample) for name in ("condition", "note", "tube"))
    by, at = request.actor, timezone.now()
    if receipt is not None:
        return bool(tube and _at(sample, lambda: actions.name_tube(receipt, tube, by=by, at=at)))
    if not condition and not tube:
        return False
    place = part.laboratory
    _at(
        sample,
        lambda: actions.receive_sample(sample, place, condition, note=note, tube=tube, by=by, at=at),
    )
    return True


def _at(about: ProficiencySample, act: Callable[[], object]) -> object:
    """What an action says of a field is said of the field of this row."""
    return _of_row(about.pk, f"{about.code}: ", act)


def _of_row(key: int, about: str, act: Callable[[], object]) -> object:
    try:
        return act()
    except Refused as fault:
        fields = {f"{name}_{key}": words for name, words in fault.fields.items()}
        raise Refused(fault.reason if fields else about + fault.reason, fields=fields) from fault


def _take_measured(request: SignedRequest, part: Participation, _form: Form) -> str:
    found = actions.take_measured_results(part.round, part.laboratory, by=request.actor, at=timezone.now())
    if not found:
        raise Refused(_("No tube of this round is measured yet. Name the tubes first, then measure them."))
    return ngettext(
        "%(count)s result is taken from its tube.",
        "%(count)s results are taken from their tubes.",
        len(found),
    ) % {"count": len(found)}


def _keep(request: SignedRequest, part: Participation, form: ResultsForm) -> str:
    changed = form.changed()
    for line, returned in changed:
        item, place = line.item, part.laboratory
        about = f"{item.test.code}, {item.sample.code}: "
        _of_row(
            item.pk,
            about,
            lambda item=item, place=place, returned=returned: actions.record_eqa_result(  # type: ignore[misc]
                item, place, returned, by=request.actor, at=timezone.now()
            ),
        )
    if not changed:
        return _("Nothing was changed.")
    return ngettext("%(count)s result is kept.", "%(count)s results are kept.", len(changed)) % {
        "count": len(changed)
    }


def _add_further(request: SignedRequest, part: Participation, form: FurtherForm) -> str:
    item, returned = form.cleaned_data["item"], form.returned()
    actions.record_further_result(item, part.laboratory, returned, by=request.actor, at=timezone.now())
    return _("The result of %(analyzer)s is kept.") % {"analyzer": form.cleaned_data["analyzer"].code}


def _take_file(request: SignedRequest, part: Participation, form: TableForm) -> str:
    content = form.cleaned_data["file"].read()
    found = actions.import_results(part.round, content, by=request.actor, at=timezone.now())
    return ngettext("%(count)s result is kept.", "%(count)s results are kept.", len(found)) % {
        "count": len(found)
    }


def _submit(request: SignedRequest, part: Participation, _form: Form) -> str:
    actions.submit_results(part.round, part.laboratory, by=request.actor, at=timezone.now())
    return _("The results are submitted.")


def _samples(lines: Sequence[WorkLine]) -> list[tuple[ProficiencySample, SampleReceipt | None]]:
    """Each sample once, with its receipt."""
    return list({one.item.sample_id: (one.item.sample, one.receipt) for one in lines}.values())


def _page(
    request: SignedRequest,
    part: Participation,
    *,
    receipt: ReceiptForm | None = None,
    results: ResultsForm | None = None,
    **given: Form,
) -> HttpResponse:
    now, lines = timezone.now(), worksheet(part.round_id, part.laboratory_id)
    receipt = receipt or ReceiptForm(_samples(lines))
    results = results or ResultsForm(lines)
    forms: dict[str, Form] = {
        "receipt": receipt,
        "results": results,
        "measured": Form(),
        "table": TableForm(),
        "further_form": FurtherForm(part),
        "submitting": Form(),
        **given,
    }
    is_open = part.round.state == ProficiencyRound.State.OPEN
    is_writable = is_open and part.submitted_at is None and now <= part.round.submit_by
    context = {
        **forms,
        **_figures(lines, part),
        **_named(receipt, results),
        "part": part,
        "round": part.round,
        "is_open": is_open,
        "is_writable": is_writable and request.actor.may("run_control"),
        "may_add": is_open and request.actor.may("run_control") and any(one.result for one in lines),
        "left": left_text(part.round.submit_by, at=now),
        "is_late": now > part.round.submit_by,
        "may": request.actor.permissions,
    }
    status = 422 if any(one.errors for one in forms.values() if one.is_bound) else 200
    return quality_page(request, "quality/assessment/sheet.html", context, tab="eqa", status=status)


def _figures(lines: Sequence[WorkLine], part: Participation) -> dict[str, Any]:
    """What is known of each item, in words, and the pictures of an evaluated round."""
    every = with_further(lines)
    heads, further = further_scores([one.score for one in every])
    cases = _cases(part) if part.round.state == ProficiencyRound.State.CLOSED else {}
    return {
        "returned": sum(one.result is not None for one in lines),
        "items": len(lines),
        "heads": heads,
        "rows": [
            {**_said(one), "case": one.score and cases.get(one.score.pk), "further": own}
            for one, own in zip(every, further, strict=True)
        ],
        "beside": [_said(one) for line in lines for one in line.further],
        "has_tubes": any(one.receipt and one.receipt.specimen_id for one in lines),
        "methods": sorted({one.result.method for one in lines if one.result and one.result.method}),
        "drawing": pictures.picture_of_round(lines),
        "youden": pictures.picture_of_pairs(lines),
        "keys_of_samples": pictures.keys_of(lines),
        "submitted_by": name_of(part.submitted_by) if part.submitted_by else "",
    }


def _named(receipt: ReceiptForm, results: ResultsForm) -> dict[str, Any]:
    """The rows of both forms, each with who noted it."""
    received = [(row, row.receipt.received_by if row.receipt else "") for row in receipt.rows()]
    entered = [(row, row.line.result.entered_by if row.line.result else "") for row in results.rows()]
    names = names_of(key for _row, key in (*received, *entered) if key)
    return {
        "receipt_rows": [(row, str(names.get(key, ""))) for row, key in received],
        "result_rows": [(row, str(names.get(key, ""))) for row, key in entered],
    }


def _said(line: WorkLine) -> dict[str, Any]:
    score, target, unit = line.score, line.target, line.item.test.unit_said(line.item.unit)
    return {
        "line": line,
        "result": result_text(line.result, unit) if line.result else "",
        "assigned": assigned_text(target, unit) if target else "",
        "said": signal_said(score.signal) if score else None,
        "score": score_text(score) if score else "",
        "reasons": reasons_said([score.reason]) if score else [],
    }


def _cases(part: Participation) -> dict[int, FailureCase]:
    """The cases of this laboratory's failed items, by score."""
    found = FailureCase.objects.filter(score__round=part.round_id, laboratory=part.laboratory_id)
    return {one.score_id: one for one in found}
