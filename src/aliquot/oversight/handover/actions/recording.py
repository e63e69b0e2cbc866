"""That a region leaves the house is itself recorded, before the first byte of it is written."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from aliquot.foundation.actors import Actor
from aliquot.foundation.context import owning
from aliquot.oversight.handover.models import HandoverPackage
from aliquot.oversight.handover.rules.manifest import TABLE, Manifest, digest_of, write_manifest

REASON = "region handed over"


def note_begun(
    series: str, number: int, receivers: Sequence[str], signer: str, *, by: Actor, at: datetime
) -> None:
    """Keep that a package was begun; each try after a kill has its own."""
    with owning(by, reason=REASON):
        HandoverPackage.objects.using("owner").create(
            series=series,
            number=number,
            receivers=list(receivers),
            signer=signer,
            begun_at=at,
            begun_by=by.key,
        )


def note_finished(manifest: Manifest, *, by: Actor, at: datetime) -> None:
    """Keep which manifest the latest try became, and how many rows are in it."""
    with owning(by, reason=REASON):
        tries = HandoverPackage.objects.using("owner").filter(series=manifest.series, number=manifest.number)
        tries.filter(pk=tries.aggregate(latest=Max("pk"))["latest"]).update(
            finished_at=at,
            digest=digest_of(write_manifest(manifest)),
            rows=sum(one.rows for one in manifest.of_kind(TABLE)),
        )
