"""What rules added to an order, or propose."""

from django.db.models import QuerySet

from aliquot.flow.results.models import AddOn

WAITING = (AddOn.State.PROPOSED, AddOn.State.REDRAW)


def add_ons_of(order_id: int) -> list[AddOn]:
    """What rules added to this order or propose for it, the oldest first."""
    return list(AddOn.objects.filter(order_id=order_id).order_by("id"))


def waiting_add_ons(laboratory_id: int, *, limit: int = 200) -> QuerySet[AddOn]:
    """Proposals of a laboratory that nobody has decided, the oldest first."""
    found = AddOn.objects.filter(laboratory_id=laboratory_id, state__in=WAITING)
    return found.select_related("order__patient").order_by("asked_at", "id")[:limit]
