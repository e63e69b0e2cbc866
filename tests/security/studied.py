"""A study of the hub, a row in each of its tables."""

from hashlib import sha256

from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.oversight.studies.models import EvaluationStudy, StudyData, StudyDocument, SupplyRecord
from aliquot.registers.network.models import Site
from tests.factories import NOW


def study_addresses(hub: Site) -> dict[tuple[str, str], object]:
    """What the addresses of studies name: a study of the hub, its data, a kind, a side, a language."""
    with acting(system_actor("setup", frozenset({hub.pk}))):
        study = studied(hub)
        data = study.data.get().pk
    return {
        ("studies", "pk"): study.pk,
        ("data", "data"): data,
        ("new", "kind"): "comparison",
        ("supply", "role"): "candidate",
        ("report", "language"): "en",
    }


def studied(hub: Site) -> EvaluationStudy:
    """A planned localisation with data, a supply and a document."""
    study = EvaluationStudy.objects.create(
        laboratory=hub,
        number=1,
        kind="equivalence",
        title="t",
        plan={},
        planned_at=NOW,
        planned_by="person:1",
    )
    own = {"study": study, "laboratory": hub}
    kept = {"content": b"x;y", "digest": sha256(b"x;y").hexdigest()}
    StudyData.objects.create(origin="file", name="f", rows=1, at=NOW, by="person:1", **own, **kept)
    SupplyRecord.objects.create(role="candidate", supplier="s", product="p", at=NOW, by="person:1", **own)
    StudyDocument.objects.create(language="en", **own, **kept)
    return study
