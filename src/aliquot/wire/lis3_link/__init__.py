"""The link of RAPIDPoint and RAPIDLab ("LIS3"), both roles.

`STX name FS RS ... RS ETX sum EOT`; the sum runs from STX to ETX, two digits. A frame is answered with a
frame that holds ACK alone (`STX ACK ETX 0B EOT`). A device says that a result is there (SMP_NEW_AV,
QC_NEW_AV, CAL_NEW_AV), the host asks for it (SMP_REQ and so on, with the device's aMOD, iIID and rSEQ), and
the result comes (SMP_NEW_DATA). ID_REQ is answered with ID_DATA; PAT_DEMOG_REQ is a question to the host.
Source: lis3_general and two further open host programs; NAK in the place of ACK and the timers are ours.
"""

from aliquot.wire.lis3_link.link import Lis3Link, framed
from aliquot.wire.lis3_link.tables import Lis3Profile, State

__all__ = ["Lis3Link", "Lis3Profile", "State", "framed"]
