"""Orders as others may see them."""

from django.db.models import Count, Q, QuerySet

from aliquot.flow.orders.models import Order, OrderItem
from aliquot.registers.network.models import Site
from aliquot.registers.patients.models import Patient


def orders_of_site(site: Site) -> QuerySet[Order]:
    """Orders placed at a site, newest first, each with `item_count` tests of which `open_items` are open."""
    return (
        Order.objects.filter(ordering_site=site)
        .select_related("patient", "laboratory")
        .annotate(item_count=Count("items"), open_items=Count("items", filter=Q(items__state="open")))
        .order_by("-placed_at", "-id")
    )


def orders_of_patient(patient: Patient) -> QuerySet[Order]:
    """A patient's orders that the actor may see, newest first."""
    found = Order.objects.filter(patient=patient).select_related("ordering_site", "laboratory")
    return found.order_by("-placed_at", "-id")


def items_of(order: Order) -> QuerySet[OrderItem]:
    """The tests of an order, in the order of the report."""
    return order.items.select_related("test").order_by("position", "id")


def find_order(number: str) -> Order | None:
    """The order with this number of ours, or None."""
    return Order.objects.select_related("patient").filter(number=number.strip().upper()).first()


def recent_requesters(site: Site, *, limit: int = 30) -> list[str]:
    """Who lately ordered at this site, for the field to offer; the newest first."""
    names = (
        Order.objects.filter(ordering_site=site).order_by("-placed_at").values_list("requester", flat=True)
    )
    return list(dict.fromkeys(names[: limit * 10]))[:limit]
