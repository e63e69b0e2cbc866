"""A region with a row in every clinical table."""

from aliquot.flow.exchange.models import InboundDocument
from aliquot.flow.instruments.models import (
    Analyzer,
    LineState,
    Message,
    Reading,
    SpecimenIndex,
    Traffic,
    WorkRequest,
)
from aliquot.flow.logistics.actions import open_box, pack_specimen
from aliquot.flow.quality.models import ReleaseState
from aliquot.flow.reports.models import Notice, NoticeAttempt, Report, ReportDocument
from aliquot.flow.results.models import (
    AddOn,
    CriticalAttempt,
    CriticalCall,
    CriticalEscalation,
    Decision,
    LookBack,
    LookBackMember,
    LookBackStep,
    LookBackTask,
    Result,
    ResultClaim,
)
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from aliquot.foundation.events.actions import record_events
from aliquot.registers.network.models import Bench, Contact
from aliquot.registers.patients.actions import merge_patients, note_access
from tests.factories import NOW, make_order, make_patient, make_specimen
from tests.regions import Region, one_with
from tests.security.assessed import assessed
from tests.security.compared import compared
from tests.security.controlled import controlled
from tests.security.figures import figures
from tests.security.improved import improved
from tests.security.messaged import messaged, referred
from tests.security.operated import planned
from tests.security.studied import studied


def fill(region: Region) -> None:
    """Rows for the first clinic in every clinical table."""
    nurse, desk = one_with(region, "nurse", region.clinic), one_with(region, "receptionist")
    kept, merged = make_patient(region), make_patient(region)
    make_order(region, patient=kept)
    make_order(region, patient=merged)
    tube = make_specimen(region, "K", patient=kept)
    with acting(nurse):
        box = open_box(origin=region.clinic, lane="room", by=nurse, at=NOW)
        pack_specimen(box, tube.number, by=nurse, at=NOW)
        note_access([kept.pk], "order", by=nurse, at=NOW)
        record_events("order_completed", [tube.order_id], at=NOW)
        InboundDocument.objects.create(
            site=region.clinic, kind="fhir", received_at=NOW, received_from="mis", content=b"{}", digest=b"1"
        )
    with acting(desk):
        merge_patients(kept, merged, reason="same person", by=desk, at=NOW)
    _measured(region, tube)


def _measured(region: Region, tube: Specimen) -> None:
    parties = {"ordering_site": region.clinic, "laboratory": region.hub}
    bench = Bench.objects.filter(department__site=region.hub)[0]
    Contact.objects.create(site=region.clinic, function="ward", name_en="w", name_ru="w", phone="1")
    analyzer = Analyzer.objects.create(
        laboratory=region.hub, bench=bench, code="T-1", name="T", driver="t", listen_port=1
    )
    message = Message.objects.create(
        laboratory=region.hub, analyzer=analyzer, received_at=NOW, connection="t", content=b"1", digest=b"1"
    )
    read = {"laboratory": region.hub, "analyzer": analyzer, "specimen": tube}
    reading = Reading.objects.create(message=message, position=1, state="filed", **read)
    SpecimenIndex.objects.create(
        reading=reading, index="H", level=1, grade="1", unit="g/L", measured_at=NOW, **read
    )
    Traffic.objects.create(
        laboratory=region.hub,
        analyzer=analyzer,
        connection="t",
        began_at=NOW,
        ended_at=NOW,
        bytes_in=1,
        bytes_out=0,
        content=b"1",
    )
    LineState.objects.create(
        analyzer=analyzer,
        laboratory=region.hub,
        state_since=NOW,
        updated_at=NOW,
        process_since=NOW,
        window_since=NOW,
    )
    WorkRequest.objects.create(
        laboratory=region.hub,
        analyzer=analyzer,
        specimen=tube,
        kind="new",
        asked_at=NOW,
        by="t",
        changed_at=NOW,
    )
    item = tube.order.items.get()
    whose = {"order": tube.order, "patient_id": tube.order.patient_id, **parties}
    result = Result.objects.create(
        order_item=item,
        specimen=tube,
        test=item.test,
        value_text="7.1",
        recorded_at=NOW,
        state="held",
        **whose,
    )
    call = CriticalCall.objects.create(
        result=result, test_id=result.test_id, opened_at=NOW, due_at=NOW, **whose
    )
    ResultClaim.objects.create(result_id=result.pk, by="t", since=NOW, until=NOW, **parties)
    Decision.objects.create(
        result_id=result.pk, order_id=tube.order_id, kind="held", was={}, at=NOW, by="t", until=NOW, **parties
    )
    CriticalEscalation.objects.create(call=call, step=0, at=NOW, whom="ward", **parties)
    AddOn.objects.create(
        order_id=tube.order_id,
        rule="r",
        result_id=result.pk,
        tests=["NA"],
        state="proposed",
        asked_at=NOW,
        **parties,
    )
    CriticalAttempt.objects.create(call=call, at=NOW, by="t", was_reached=False, **parties)
    report = Report.objects.create(
        version=1, kind="final", content={}, released_at=NOW, released_by="t", **whose
    )
    ReportDocument.objects.create(
        report=report, language="ru", content=b"1", digest=b"1", rendered_at=NOW, **parties
    )
    _looked_back(region, result, report, analyzer)
    assessed(region.hub, tube)
    figures(tube)
    compared(analyzer, tube)
    studied(region.hub)
    controlled(region.hub, analyzer, tube.tests.earliest("id").test)
    improved(region.clinic, region.hub, tube.order_id, tube.order.number)
    planned(region)
    messaged()
    referred(tube)


def _looked_back(region: Region, result: Result, report: Report, analyzer: Analyzer) -> None:
    parties = {"ordering_site": region.clinic, "laboratory": region.hub}
    looked = LookBack.objects.create(
        laboratory=region.hub, criteria={}, reason="t", opened_at=NOW, opened_by="t"
    )
    LookBackMember.objects.create(
        look_back=looked, result_id=result.pk, order_id=result.order_id, was="held", **parties
    )
    LookBackStep.objects.create(
        look_back=looked, laboratory=region.hub, kind="recalled", reason="t", at=NOW, by="t"
    )
    LookBackTask.objects.create(
        laboratory=region.hub,
        look_back=looked,
        what="release",
        reason="t",
        person_id=region.people["director"].person_id or 0,
        asked_at=NOW,
        asked_by="t",
        total=1,
    )
    notice = Notice.objects.create(report=report, told_at=NOW, due_at=NOW, **parties)
    NoticeAttempt.objects.create(notice=notice, at=NOW, by="t", was_reached=False, **parties)
    ReleaseState.objects.create(
        laboratory=region.hub, analyzer=analyzer, test_id=result.test_id, since=NOW, by="t"
    )
