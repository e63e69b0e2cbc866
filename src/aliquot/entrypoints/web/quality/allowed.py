"""What the catalogue allows of a test, proposed wherever a limit is typed, and on what it rests."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from aliquot.registers.catalogue.models import AllowableError
from aliquot.registers.catalogue.queries import allowable_errors, allowed_of
from aliquot.registers.catalogue.rules.allowable import Allowable


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is allowed, and the words that say on what it rests; "" where nothing is stated."""

    allowed: Allowable = field(default_factory=Allowable)
    words: str = ""

    def total_at(self, levels: Iterable[Decimal] = ()) -> Decimal | None:
        """The total error in per cent at these levels, two decimals."""
        return rounded(self.allowed.total_at(levels))


def proposal_for(test_id: int | None, on: date) -> Proposal:
    """What the catalogue allows of a test on a day; nothing without a test."""
    if test_id is None:
        return Proposal()
    return proposals_for([test_id], on).get(test_id, Proposal())


def proposals_for(test_ids: Iterable[int], on: date) -> dict[int, Proposal]:
    """The same of several tests, by their ids."""
    return {
        test: Proposal(allowed_of(one), _words(one))
        for test, one in allowable_errors(test_ids, on=on).items()
    }


def rounded(value: Decimal | None) -> Decimal | None:
    """Two decimals, without zeros at the end."""
    if value is None:
        return None
    found = round(value, 2)
    return found.quantize(Decimal(1)) if found == found.to_integral_value() else found.normalize()


def _words(one: AllowableError) -> str:
    said = {"kind": one.get_kind_display(), "source": one.source}
    if one.is_approximate:
        return _("Proposed by the catalogue: %(kind)s, an approximation. Source: %(source)s") % said
    return _("Proposed by the catalogue: %(kind)s. Source: %(source)s") % said
