"""A message that asks nothing but an answer: whether the line carries both ways."""

from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any, Final

from aliquot.foundation.actors import Actor
from aliquot.oversight.federation.actions.arrivals import Came
from aliquot.oversight.federation.actions.messages import queue_message
from aliquot.oversight.federation.models.messages import MessageOut, NodeLine

PROBE: Final = "node.probe"


def probe_line(line: NodeLine, *, by: Actor, at: datetime) -> MessageOut:
    """A message to the other node that is answered with its version and its clock."""
    by.require("manage_federation")
    return queue_message(PROBE, {"asked_at": at.isoformat()}, to=line.peer, cause="probe", by=by, at=at)


def answer_probe(came: Came, by: Actor, at: datetime) -> Mapping[str, Any]:  # noqa: ARG001 - a Handler
    """This node's version, and when the message arrived here and was carried out."""
    return {
        "program": version("aliquot"),
        "received_at": came.received_at.isoformat(),
        "answered_at": at.isoformat(),
    }
