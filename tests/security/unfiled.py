"""What an analyzer sent about the first clinic's tube and nobody could file, and an order that it refused."""

from typing import Any

from aliquot.flow.instruments.models import Analyzer, Message, Reading, WorkRequest
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from tests.factories import NOW
from tests.regions import Region


def unfiled(region: Region, tube: Specimen, value: str) -> dict[tuple[str, str], object]:
    """The parts of the addresses of their pages."""
    with acting(region.worker):
        analyzer = Analyzer.objects.filter(laboratory=region.hub)[0]
        whose: dict[str, Any] = {"laboratory": region.hub, "analyzer": analyzer}
        said = f"R|1|^^^2345|{value}|mmol/L\rO|1|{tube.number}".encode()
        message = Message.objects.create(
            received_at=NOW, connection="t", content=said, digest=b"1", state="quarantined", **whose
        )
        reading = Reading.objects.create(
            message=message, position=1, specimen_code=tube.number, code="2345", value=value, specimen=tube,
            state="quarantined", reason=[{"code": "unmapped"}], **whose,
        )  # fmt: skip
        told = WorkRequest.objects.create(
            specimen=tube, analyzer=analyzer, laboratory=region.hub, kind="new", codes=["2345"], state="refused",
            asked_at=NOW, changed_at=NOW, by="t",
        )  # fmt: skip
    return {
        ("analyzers", "code"): analyzer.code,
        ("drivers", "model"): analyzer.driver,
        ("messages", "message_id"): message.pk,
        ("orders", "request_id"): told.pk,
        ("quarantine", "kind"): "reading",
        ("kind", "row_id"): reading.pk,
    }
