"""Links whose frames have neither number nor E1381 checksum: Maglumi, TaqMan, Sysmex CA, printers.

`PlainLink` is what a connection uses. A block stands between two characters; it may hold several messages of
records, or a message may take several blocks. Source: the captures named in the drivers; the session is that
of LIS01-A2 (ENQ, ACK, EOT) with its timers, where a model has one.
"""

from aliquot.wire.plain_frames.link import PlainLink
from aliquot.wire.plain_frames.tables import PlainProfile, State

__all__ = ["PlainLink", "PlainProfile", "State"]
