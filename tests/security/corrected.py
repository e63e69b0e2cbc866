"""What belongs to the first clinic once something was corrected or added: notice, look-back, add-on."""

from aliquot.flow.reports.models import Notice, Report
from aliquot.flow.results.models import AddOn, LookBack, LookBackMember, LookBackTask, Result
from aliquot.foundation.context import acting
from tests.factories import NOW
from tests.regions import Region


def make_corrected(
    region: Region, result: Result, report: Report, secret: str
) -> dict[tuple[str, str], object]:
    """A notice, a look-back and an add-on of this result, whose reason is `secret`; their ids by address."""
    parties = {"ordering_site": region.clinic, "laboratory": region.hub}
    with acting(region.worker):
        notice = Notice.objects.create(
            report=report, earlier_version=1, reason=secret, told_at=NOW, due_at=NOW, **parties
        )
        looked = LookBack.objects.create(
            laboratory=region.hub, criteria={}, reason=secret, opened_at=NOW, opened_by="t"
        )
        LookBackMember.objects.create(
            look_back=looked, result_id=result.pk, order_id=result.order_id, was="held", **parties
        )
        task = LookBackTask.objects.create(
            laboratory=region.hub, look_back=looked, what="release", reason=secret, asked_at=NOW, asked_by="t",
            person_id=region.people["director"].person_id or 0, total=1,
        )  # fmt: skip
        added = AddOn.objects.create(
            order=result.order, rule="r", result_id=result.pk, tests=["NA"], state="proposed", note=secret,
            asked_at=NOW, **parties,
        )  # fmt: skip
    return {
        ("add-ons", "add_on_id"): added.pk,
        ("to-acknowledge", "pk"): notice.pk,
        ("told", "pk"): notice.pk,
        ("look-backs", "pk"): looked.pk,
        ("steps", "pk"): task.pk,
        ("results", "pk"): result.pk,
    }
