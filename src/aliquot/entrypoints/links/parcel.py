"""What a connection hands to the ledger: a message with the bytes that carried it, or only bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

from aliquot.flow.instruments.queries import AnalyzerLine
from aliquot.flow.instruments.rules.traffic import Heard

STRETCH = 150  # bytes that a stretch takes beside its data


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing to commit; `at` is in seconds of the epoch, the stretches are in the loop's."""

    line: AnalyzerLine
    connection: str
    at: float
    stretches: Sequence[Heard] = ()
    clock_offset: float = 0.0  # seconds from the loop's clock to the epoch
    content: bytes | None = None  # None: bytes that carried no message
    state: str = "received"
    problem: dict[str, str] | None = None

    def without_message(self) -> "Parcel":
        """Return only the bytes: what came over the line is kept, also when its message could not be."""
        return Parcel(self.line, self.connection, self.at, self.stretches, self.clock_offset)

    @property
    def size(self) -> int:
        """Bytes of memory, roughly: every stretch is a tuple of three."""
        return len(self.content or b"") + sum(STRETCH + len(data) for _, _, data in self.stretches)
