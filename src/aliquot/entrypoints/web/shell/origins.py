"""Which tests of an order nobody ordered at first: what added them, who agreed or asked for it, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from aliquot.flow.orders.models import OrderItem
from aliquot.flow.orders.rules.panels import needed_for
from aliquot.flow.results.models import AddOn
from aliquot.registers.people.queries import Name, names_of


@dataclass(frozen=True, slots=True)
class Origin:
    """What added a test, in words; `by` and `at` are who decided it and when."""

    words: str
    by: str = ""
    at: datetime | None = None
    reason: str = ""
    is_billed: bool = True


def origins_of(items: Iterable[OrderItem], add_ons: Iterable[AddOn]) -> dict[int, Origin]:
    """The origin of each test that was added, by the id of its place in the order."""
    kept = [one for one in add_ons if one.state == AddOn.State.ADDED]
    names = names_of(key for one in kept if (key := one.decided_by))
    return {item.pk: _origin(item, kept, names) for item in items if item.added_by}


def origin_words(one: AddOn) -> str:
    """What added or proposes the tests of an add-on."""
    return _("rule %(rule)s") % {"rule": one.rule} if one.rule else _("on request")


def _origin(item: OrderItem, add_ons: Iterable[AddOn], names: Mapping[str, Name]) -> Origin:
    if test := needed_for(item.added_by):
        words = _("added: %(test)s is computed from it") % {"test": test}
        return Origin(words, is_billed=item.is_billable)
    found = next((one for one in add_ons if _brought(one, item)), None)
    if found is None:
        return Origin(_("rule %(rule)s") % {"rule": item.added_by}, is_billed=item.is_billable)
    by = str(names[found.decided_by].name) if found.decided_by else ""
    return Origin(origin_words(found), by, found.decided_at, found.reason, item.is_billable)


def _brought(one: AddOn, item: OrderItem) -> bool:
    return item.added_by == (one.rule or one.asked_by) and item.test.code in one.tests
