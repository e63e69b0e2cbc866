"""HL7 over MLLP with its acknowledgements, both roles, without input or output.

`MllpLink` is what a connection uses; `BlockReader` and `MllpSender` are its two halves. Time is an argument.
"""

from aliquot.wire.mllp.link import MllpLink
from aliquot.wire.mllp.profile import STANDARD, MllpProfile, block
from aliquot.wire.mllp.reader import BlockReader
from aliquot.wire.mllp.sender import MllpSender

__all__ = ["STANDARD", "BlockReader", "MllpLink", "MllpProfile", "MllpSender", "block"]
