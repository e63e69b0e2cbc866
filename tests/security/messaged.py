"""A line to another node with a message each way, a tube that went there: for the tests of all tables."""

from uuid import uuid4

from aliquot.flow.specimens.models import Specimen
from aliquot.oversight.federation.models import MessageIn, MessageOut, NodeLine
from aliquot.oversight.referrals.models import Partner, Referral
from aliquot.registers.network.models import Site
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


def referred(tube: Specimen) -> Referral:
    """An agreement with another region's laboratory, and a tube that went there."""
    laboratory = tube.laboratory
    site = Site.objects.create(
        code="OUT",
        name_en="Out",
        name_ru="Вне",
        kind="collection_point",
        organisation=laboratory.organisation,
    )
    partner = Partner.objects.create(
        peer="federation", site=site, laboratory=laboratory, since=NOW, agreed_by="t"
    )
    return Referral.objects.create(
        uid=uuid4(),
        direction=Referral.Direction.OUT,
        partner=partner,
        laboratory=laboratory,
        order_id=tube.order_id,
        specimen=tube,
        tests=["K"],
        asked_at=NOW,
        asked_by="t",
    )
