"""One analyzer's line as its readings see it: what it sends, what is filed of it, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aliquot.flow.instruments.actions import (
    KeptMessage,
    keep_messages,
    read_messages,
)
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.queries import quarantine
from aliquot.flow.instruments.rules.reading import Measurement
from tests.regions import Region
from tests.tubes import make_accepted_tubes, message_of

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
WBC = Measurement("WBC", "6.155", "10*3/uL")
HGB = Measurement("HGB", "14.26", "g/dL")


@dataclass(frozen=True, slots=True)
class Line:
    """An analyzer whose messages are kept and read as a link and a worker would."""

    region: Region
    analyzer: Analyzer

    def keep(self, *contents: bytes) -> list[int]:
        messages = [
            KeptMessage(self.analyzer.laboratory_id, self.analyzer.pk, "test", content, AT)
            for content in contents
        ]
        return keep_messages(messages, by=self.region.worker)

    def message(self, tube: str, *measured: Measurement, at: datetime = AT, control: bool = False) -> bytes:
        return message_of(self.analyzer.driver, tube, *measured, at=at, control=control)

    def send(self, tube: str, *measured: Measurement, at: datetime = AT) -> list[str]:
        """Keep and read one message; the values that were filed."""
        self.keep(self.message(tube, *measured, at=at))
        return self.read()

    def read(self) -> list[str]:
        return [one.value_text for one in read_messages(limit=100, by=self.region.worker, at=AT)]

    def waiting(self) -> list[str]:
        """The code of every reason that waits, newest first."""
        return [reason["code"] for one in quarantine(self.analyzer.laboratory_id) for reason in one.reasons]


def tubes_of(line: Line, count: int, codes: Sequence[str] = ("WBC", "HGB")) -> list[str]:
    return make_accepted_tubes(line.region.hub, line.region.clinic, count, codes)
