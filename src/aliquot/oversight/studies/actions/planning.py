"""A study is planned before anything is measured; a signed or mistaken one is followed by a new version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import state_reason
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.studies.models import EvaluationStudy
from aliquot.oversight.studies.rules.findings import Unusable
from aliquot.oversight.studies.rules.outline import OUTLINES, Outline, read_plan
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site

State = EvaluationStudy.State
CLOSED = (State.SIGNED, State.ABANDONED)


@dataclass(frozen=True, slots=True)
class Planned:
    """What a study is to show: kind and title, test, what is on trial, what is in use, plan by field."""

    kind: str
    title: str
    plan: Mapping[str, str]
    test: Test | None = None
    unit: str = ""
    analyzer: Analyzer | None = None
    method: str = ""
    compared: Analyzer | None = None
    compared_method: str = ""


def plan_study(
    laboratory: Site,
    planned: Planned,
    *,
    supersedes: EvaluationStudy | None = None,
    by: Actor,
    at: datetime,
) -> EvaluationStudy:
    """Keep the plan of a study; with `supersedes` the next version of a signed or abandoned one.

    Refused without a title, without an acceptance criterion, for a field that cannot be read, and for an
    analyzer of another laboratory.
    """
    require_right(laboratory.pk, "run_study", by)
    outline = outline_of(planned.kind)
    plan = _checked(outline, planned, laboratory)
    with transaction.atomic():
        number, version = _numbered(laboratory, supersedes)
        return EvaluationStudy.objects.create(
            laboratory=laboratory,
            number=number,
            version=version,
            supersedes=supersedes,
            kind=planned.kind,
            title=planned.title.strip(),
            test=planned.test,
            unit=planned.unit.strip() or (planned.test.unit if planned.test else ""),
            analyzer=planned.analyzer,
            method=planned.method.strip(),
            compared=planned.compared,
            compared_method=planned.compared_method.strip(),
            plan=plan,
            planned_at=at,
            planned_by=by.key,
        )


def abandon_study(study: EvaluationStudy, *, reason: str, by: Actor, at: datetime) -> None:  # noqa: ARG001 - every action says when
    """Give a study up that is not signed; the reason stays with it."""
    require_right(study.laboratory_id, "run_study", by)
    words = reason.strip()
    if not words:
        fault = _("Say why the study is given up.")
        raise Refused(fault, fields={"reason": fault})
    state_reason(words)
    change(study, *(one for one in State if one not in CLOSED), state=State.ABANDONED, conclusion=words)


def outline_of(kind: str) -> Outline:
    """What a kind needs; Refused for no kind."""
    try:
        return OUTLINES[kind]
    except KeyError:
        raise Refused(_("Choose a kind of study."), fields={"kind": _("Choose a kind of study.")}) from None


def require_right(laboratory_id: int, permission: str, by: Actor) -> None:
    """Forbidden without the permission, and for a study of another laboratory."""
    by.require(permission)
    if laboratory_id not in by.sites:
        raise Forbidden(_("This study belongs to another laboratory."))


def change(study: EvaluationStudy, *states: str, **changes: object) -> None:
    """Take a step from one of `states`; Refused when somebody was sooner."""
    if not EvaluationStudy.objects.filter(pk=study.pk, state__in=states).update(**changes):
        raise Refused(_("The study has changed meanwhile, or is closed. Reload the page."))
    study.refresh_from_db()


def sentence(fault: Unusable) -> str:
    """Why data or a plan cannot be used, in the language that is set."""
    return fault.reason.said(_)


def _checked(outline: Outline, planned: Planned, laboratory: Site) -> dict[str, str]:
    fields = {}
    if not planned.title.strip():
        fields["title"] = _("Say what is to be decided by the study.")
    for name, analyzer in (("analyzer", planned.analyzer), ("compared", planned.compared)):
        if analyzer is not None and analyzer.laboratory_id != laboratory.pk:
            fields[name] = _("Choose an analyzer of this laboratory.")
    if planned.test is None and not planned.unit.strip():
        fields["test"] = _("Choose the test, or state the unit of what is measured outside the catalogue.")
    if fields:
        raise Refused(" ".join(fields.values()), fields=fields)
    try:
        return read_plan(outline, planned.plan)
    except Unusable as fault:
        raise Refused(sentence(fault), fields={"plan": sentence(fault)}) from fault


def _numbered(laboratory: Site, supersedes: EvaluationStudy | None) -> tuple[int, int]:
    if supersedes is None:
        Site.objects.select_for_update().get(pk=laboratory.pk)  # one number at a time
        last = EvaluationStudy.objects.filter(laboratory=laboratory).aggregate(last=Max("number"))["last"]
        return (last or 0) + 1, 1
    before = EvaluationStudy.objects.get(pk=supersedes.pk)
    if before.state not in CLOSED:
        raise Refused(_("Sign the study or give it up before a new version is planned."))
    if EvaluationStudy.objects.filter(supersedes=before).exists():
        raise Refused(_("There is a newer version of this study already. Open that one."))
    return before.number, before.version + 1
