"""Replication on one page: what this node publishes or receives, what is wrong, and what to do."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.oversight.federation.actions.exporting import reach_export
from aliquot.oversight.federation.queries import own_node
from aliquot.oversight.federation.queries.replication import standing_of


@needs("manage_federation")
def home(request: SignedRequest) -> HttpResponse:
    """A region sees who reads what it publishes, the federation how far each region has come."""
    node, now = own_node(), timezone.now()
    standing = node and standing_of(node, now, is_reached=node.kind == node.Kind.REGION and reach_export())
    return render(request, "network/replication.html", {"standing": standing, "now": now})
