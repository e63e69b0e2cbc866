"""A line to another node with a message each way, for the tests of every table and every address."""

from uuid import uuid4

from aliquot.oversight.federation.models import MessageIn, MessageOut, NodeLine
from tests.factories import NOW


def messaged() -> MessageOut:
    """One message that was refused there, and one that came."""
    line = NodeLine.objects.create(peer="federation", address="http://127.0.0.1:9", stream=uuid4())
    MessageIn.objects.create(
        line=line,
        uid=uuid4(),
        stream=uuid4(),
        sequence=1,
        kind="node.probe",
        content=b"{}",
        digest="d",
        key="k",
        signature="s",
        received_at=NOW,
        receipt=b"{}",
        receipt_key="k",
        receipt_signature="s",
    )
    return MessageOut.objects.create(
        line=line,
        uid=uuid4(),
        kind="node.probe",
        body={},
        queued_at=NOW,
        queued_by="t",
        outcome=MessageOut.Outcome.REFUSED,
    )
