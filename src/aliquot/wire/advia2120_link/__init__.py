"""The link of the ADVIA 2120/2120i, both roles.

`STX MT type ... CR LF LRC ETX`. MT, 30h to 5Ah, is one more than that of the message before it, whoever
sent that; echoed alone it acknowledges, NAK refuses. LRC is the XOR of MT to LF; 03h is sent as 7Fh. The host
opens with I, then one side at a time holds the token and passes it with S. Results R are validated with Z; a
query Q is answered with an order Y or with N, and the instrument checks that with E. A message without an
answer is sent three times; 20 s of silence make the host open again.
Source: HostManager (DriverAdvia2120, Advia2120Message).
"""

from aliquot.wire.advia2120_link.link import Advia2120Link, framed, lrc
from aliquot.wire.advia2120_link.tables import Advia2120Profile, State

__all__ = ["Advia2120Link", "Advia2120Profile", "State", "framed", "lrc"]
