"""Where what is on trial comes from, beside what is in use: supplier, lot, registration, price."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.oversight.studies.actions.giving import await_evaluation
from aliquot.oversight.studies.actions.planning import CLOSED, require_right
from aliquot.oversight.studies.models import EvaluationStudy, SupplyRecord


@dataclass(frozen=True, slots=True)
class Supply:
    """Who delivers what, which lot, made where, registered how; the price of a test in roubles."""

    supplier: str
    product: str
    lot: str = ""
    origin: str = ""
    registration: str = ""
    valid_until: date | None = None
    price: Decimal | None = None
    first_delivery: date | None = None
    decision: str = ""


def record_supply(
    study: EvaluationStudy, role: str, supply: Supply, *, by: Actor, at: datetime
) -> SupplyRecord:
    """Keep or correct the supply of what is on trial or in use; Refused once the study is closed."""
    require_right(study.laboratory_id, "run_study", by)
    fields = {
        name: _("Name it; the record is of no use without.")
        for name in ("supplier", "product")
        if not str(getattr(supply, name)).strip()
    }
    if supply.price is not None and supply.price < 0:
        fields["price"] = _("A price is not below 0.")
    if fields:
        raise Refused(" ".join(dict.fromkeys(fields.values())), fields=fields)
    with transaction.atomic():
        locked = EvaluationStudy.objects.select_for_update().get(pk=study.pk)
        if locked.state in CLOSED:
            raise Refused(_("The study is closed; plan a new version."))
        facts = {**asdict(supply), "laboratory_id": study.laboratory_id, "at": at, "by": by.key}
        kept, _made = SupplyRecord.objects.update_or_create(
            study=locked, role=SupplyRecord.Role(role), defaults=facts
        )
        if locked.state == EvaluationStudy.State.EVALUATED:  # its remarks say what of the supply lacks
            await_evaluation(locked, EvaluationStudy.State.EVALUATED, at=at)
    return kept
