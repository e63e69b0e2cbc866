"""The hub's people in the demonstration: a doctor and a technologist who help out when nobody else does."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from aliquot.flow.quality.actions import close_alarm, close_violations
from aliquot.flow.quality.models import ControlViolation, MonitorAlarm, ReleaseState
from aliquot.flow.results.actions import confirm_add_on, release_results, tell_critical
from aliquot.flow.results.models import AddOn, CriticalCall, Result
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused

_STOPPED = ReleaseState.objects.filter(
    analyzer_id=OuterRef("analyzer_id"), test_id=OuterRef("test_id"), until=None, is_planned=True
).exclude(qc_state=ReleaseState.Control.IN_CONTROL)
LONGEST_QUEUE = 40
MOST_CALLS = 6
MOST_PROPOSALS = 5
PATIENCE = timedelta(minutes=3)
"""So long a visitor finds a failed control that nobody has answered."""


@dataclass(slots=True)
class DutyDoctor:
    """Works only on what is beyond a comfortable queue, oldest first, so that a visitor always finds work."""

    doctor: Actor
    longest_queue: int = LONGEST_QUEUE
    most_calls: int = MOST_CALLS
    most_proposals: int = MOST_PROPOSALS
    leaves_critical: bool = True

    def help_out(self, *, at: datetime) -> None:
        """Make calls and release values beyond the comfortable number; what the rules forbid stays."""
        self._call(at)
        self._agree(at)
        waiting = Result.objects.filter(~Exists(_STOPPED), state=Result.State.HELD).order_by("id")
        calm = waiting.exclude(flag__in=["LL", "HH"]) if self.leaves_critical else waiting
        for result in list(calm.values_list("pk", flat=True)[: max(0, waiting.count() - self.longest_queue)]):
            try:
                release_results([result], by=self.doctor, at=at)
            except Refused:
                continue  # it needs another decision than release: a person's

    def _agree(self, at: datetime) -> None:
        """Agree to tests that rules propose, beyond the few that a visitor finds waiting."""
        waiting = AddOn.objects.filter(state=AddOn.State.PROPOSED).order_by("asked_at", "id")
        for one in list(waiting[: max(0, waiting.count() - self.most_proposals)]):
            try:
                confirm_add_on(one.pk, by=self.doctor, at=at)
            except Refused:
                continue  # a colleague was faster, or the order was cancelled

    def _call(self, at: datetime) -> None:
        waiting = CriticalCall.objects.filter(state="open").select_related("order").order_by("due_at")
        for call in list(waiting[: max(0, waiting.count() - self.most_calls)]):
            tell_critical(call, call.order.requester, call.value_text, by=self.doctor, at=at)


@dataclass(slots=True)
class DutyTechnologist:
    """Answers failed controls and alarms that nobody else did, and has the controls measured again."""

    technologist: Actor

    def help_out(self, *, at: datetime) -> set[str]:
        """The codes of analyzers whose controls are to be measured again."""
        late = ControlViolation.objects.filter(
            is_rejection=True, closed_at=None, found_at__lt=at - PATIENCE
        ).select_related("analyzer")
        found = [one for one in late if one.laboratory_id in self.technologist.sites]
        if found:
            words = "новый флакон контроля, повторное измерение"
            close_violations(found, cause="control", action=words, by=self.technologist, at=at)
        for alarm in MonitorAlarm.objects.filter(closed_at=None, found_at__lt=at - PATIENCE):
            if alarm.laboratory_id in self.technologist.sites:
                words = "контроль и повторные пробы в порядке"
                close_alarm(alarm, cause="chance", action=words, by=self.technologist, at=at)
        return {one.analyzer.code for one in found}
