"""The hub's people in the demonstration: a doctor who helps out when nobody else does."""

from dataclasses import dataclass
from datetime import datetime

from aliquot.flow.results.actions import confirm_add_on, release_results, tell_critical
from aliquot.flow.results.models import AddOn, CriticalCall, Result
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused

LONGEST_QUEUE = 40
MOST_CALLS = 6
MOST_PROPOSALS = 5


@dataclass(slots=True)
class DutyDoctor:
    """Works only on what is beyond a comfortable queue, oldest first, so that a visitor always finds work."""

    doctor: Actor

    def help_out(self, *, at: datetime) -> None:
        """Make calls and release values beyond the comfortable number; what the rules forbid stays."""
        self._call(at)
        self._agree(at)
        waiting = Result.objects.filter(state=Result.State.HELD).order_by("id")
        calm = waiting.exclude(flag__in=["LL", "HH"]).values_list("pk", flat=True)
        for result in list(calm[: max(0, waiting.count() - LONGEST_QUEUE)]):
            try:
                release_results([result], by=self.doctor, at=at)
            except Refused:
                continue  # it needs another decision than release: a person's

    def _agree(self, at: datetime) -> None:
        """Agree to tests that rules propose, beyond the few that a visitor finds waiting."""
        waiting = AddOn.objects.filter(state=AddOn.State.PROPOSED).order_by("asked_at", "id")
        for one in list(waiting[: max(0, waiting.count() - MOST_PROPOSALS)]):
            try:
                confirm_add_on(one.pk, by=self.doctor, at=at)
            except Refused:
                continue  # a colleague was faster, or the order was cancelled

    def _call(self, at: datetime) -> None:
        waiting = CriticalCall.objects.filter(state="open").select_related("order").order_by("due_at")
        for call in list(waiting[: max(0, waiting.count() - MOST_CALLS)]):
            tell_critical(call, call.order.requester, call.value_text, by=self.doctor, at=at)
