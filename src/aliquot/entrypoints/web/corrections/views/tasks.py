"""A step of a look-back that a process of its own does: how far it is, and what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.corrections.pages import corrections_page
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.flow.results.actions import begin_again
from aliquot.flow.results.models import LookBackTask
from aliquot.flow.results.queries.look_backs import is_silent
from aliquot.foundation.errors import Refused
from aliquot.registers.people.queries import names_of

State = LookBackTask.State
KINDS = {State.QUEUED: "neutral", State.RUNNING: "accent", State.FINISHED: "good", State.FAILED: "danger"}


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A step in a list: itself, who asked, its badge, and whether its process has ended too early."""

    task: LookBackTask
    asked_by: str
    kind: str
    is_silent: bool
    is_undone: bool


@needs("recall_result")
def task(request: SignedRequest, pk: int) -> HttpResponse:
    """How far the step is; it may be left and come back to. When it is over, what came of it."""
    [row] = task_rows([_found(request, pk)])
    return corrections_page(request, "corrections/task.html", {"row": row}, tab="look-backs")


@needs("recall_result")
def progress(request: SignedRequest, pk: int) -> HttpResponse:
    """How far the step is; the whole page when it is over."""
    [row] = task_rows([_found(request, pk)])
    if not row.is_undone:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "corrections/_progress.html", {"row": row})


@require_POST
@needs("recall_result")
def again(request: SignedRequest, pk: int) -> HttpResponse:
    """Have a step done whose process ended too early."""
    try:
        begin_again(_found(request, pk), by=request.actor, at=timezone.now())
    except Refused as fault:
        messages.error(request, fault.reason)
    return redirect("corrections:task", pk)


def task_rows(tasks: Iterable[LookBackTask]) -> list[TaskRow]:
    """Steps as they are shown."""
    found, now = list(tasks), timezone.now()
    names = names_of(one.asked_by for one in found)
    return [
        TaskRow(
            task=one,
            asked_by=names[one.asked_by].name,
            kind=KINDS[State(one.state)],
            is_silent=is_silent(one, now),
            is_undone=one.state in (State.QUEUED, State.RUNNING),
        )
        for one in found
    ]


def _found(request: SignedRequest, pk: int) -> LookBackTask:
    found = LookBackTask.objects.select_related("look_back")
    return get_object_or_404(found, pk=pk, laboratory=request.place)
