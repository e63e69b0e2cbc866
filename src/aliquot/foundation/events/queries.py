"""Which kinds of events wait."""

from aliquot.foundation.events.models import Event


def waiting(kind: str) -> int:
    """How many events of a kind nobody has reacted to yet."""
    return Event.objects.filter(kind=kind).count()
