"""The link of Dimension RxL, Xpand and EXL: the analyzer polls, asks and reports; both roles.

`STX type FS ... FS sum ETX`; the sum of everything between STX and itself, two digits. ACK and NAK are single
characters, due within 1 s; four NAKs of one frame end its tries. Poll P: the host answers with the next order
D or with N. Query I: D or N within 15 s. Result R, calibration C: the host accepts with M. An order D is
accepted or refused with M. Source: bitdreamit-dimension-transmission (tables and timers of guide PN D00396).
"""

from aliquot.wire.dimension_link.link import DimensionLink
from aliquot.wire.dimension_link.tables import DimensionProfile, State

__all__ = ["DimensionLink", "DimensionProfile", "State"]
