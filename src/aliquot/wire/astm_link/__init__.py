"""The analyzer link of CLSI LIS01-A2 (ASTM E1381), both roles, without input or output.

`AstmLink` is what a connection uses; `AstmReceiver` and `AstmSender` are its two halves. Time is an argument.
"""

from aliquot.wire.astm_link.frames import ACK, ENQ, EOT, NAK, FramingProfile, frame_bytes, frames_of
from aliquot.wire.astm_link.link import AstmLink
from aliquot.wire.astm_link.receiver import AstmReceiver
from aliquot.wire.astm_link.sender import AstmSender
from aliquot.wire.link import Role
from aliquot.wire.link_events import (
    Event,
    FrameAccepted,
    FrameRefused,
    FrameRepeated,
    MessageDelivered,
    MessageIncomplete,
    MessageReceived,
    MessageUndelivered,
    SessionClosed,
    SessionOpened,
    Unintelligible,
)
from aliquot.wire.sums import checksum

__all__ = [
    "ACK",
    "ENQ",
    "EOT",
    "NAK",
    "AstmLink",
    "AstmReceiver",
    "AstmSender",
    "Event",
    "FrameAccepted",
    "FrameRefused",
    "FrameRepeated",
    "FramingProfile",
    "MessageDelivered",
    "MessageIncomplete",
    "MessageReceived",
    "MessageUndelivered",
    "Role",
    "SessionClosed",
    "SessionOpened",
    "Unintelligible",
    "checksum",
    "frame_bytes",
    "frames_of",
]
