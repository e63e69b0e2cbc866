"""What is decoded: captured streams with the results they hold, cut as lines cut them."""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from aliquot.flow.instruments.rules.driver import FOLDER, load
from aliquot.wire.astm_link import ENQ, EOT, FramingProfile, frame_bytes, frames_of
from aliquot.wire.astm_link.frames import ETB, ETX

Family: TypeAlias = Literal["astm", "hl7"]
Row: TypeAlias = tuple[str, ...]

AUTO = "auto"  # the charset of drivers that take UTF-8 and what is none
CORPUS = Path(__file__).parents[6] / "shared" / "corpus" / "analyzers"  # beside a checkout; absent elsewhere
FEEDS = {"frames": 0, "1460": 1460, "64": 64, "all": 0}  # bytes a read at most; 0: as many as there are
FIELDS: Mapping[Family, tuple[str, ...]] = {
    "astm": ("specimen_o3", "test", "value", "unit", "range", "flags", "status", "time"),
    "hl7": ("test", "value", "unit", "range", "flags", "status"),
}
_LAYERS: Mapping[str, Family] = {"link": "astm", "mllp": "hl7"}
_FRAMES = re.compile(rb"\x02[^\x02-\x05\x17]*[\x03\x17][^\x02\x04\x05]*|[^\x02]+|\x02", re.DOTALL)
_BLOCKS = re.compile(rb"[^\x1c]+\x1c\r?|[^\x1c]+|\x1c", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Capture:
    """One stream from an analyzer, and the results it holds in the form of FIELDS."""

    name: str
    family: Family
    data: bytes
    results: tuple[Row, ...]

    def pieces(self, feed: str) -> list[bytes]:
        """The stream as a line brings it: a sender that waits for each reply is never cut across frames."""
        if feed == "all":
            return [self.data]
        wholes = (_FRAMES if self.family == "astm" else _BLOCKS).findall(self.data)
        size = FEEDS[feed]
        return [one[at : at + size] for one in wholes for at in range(0, len(one), size)] if size else wholes


def load_captures(corpus: Path = CORPUS) -> list[Capture]:
    """The corpus's streams that hold results, where it lies beside; otherwise our own transcripts.

    Two of our making follow: what a disturbed line does, and what must not become a result twice or at all.
    """
    found = _from_corpus(corpus) if (corpus / "truth.jsonl").exists() else _own()
    return [*found, *_disturbed()]


def _from_corpus(corpus: Path) -> Iterator[Capture]:
    truth: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for line in (corpus / "truth.jsonl").read_text("utf-8").splitlines():
        found = json.loads(line)
        truth[found["file"]].append(found)
    with (corpus / "manifest.csv").open(encoding="utf-8", newline="") as lines:
        for one in csv.DictReader(lines):
            family = _family(one["layer"], truth[one["file"]])
            if family:
                data = (corpus / one["file"]).read_bytes()
                yield Capture(one["file"], family, data, _rows(truth[one["file"]], FIELDS[family]))


def _family(layer: str, truth: Sequence[Mapping[str, str]]) -> Family | None:
    """Of which family a file is; None where its form is neither, or it holds no results."""
    family = _LAYERS.get(layer)
    return family if family and truth and set(FIELDS[family]) <= set(truth[0]) else None


def _rows(found: Sequence[Mapping[str, str]], names: Sequence[str]) -> tuple[Row, ...]:
    return tuple(tuple(one[name] for name in names) for one in found)


def _own() -> Iterator[Capture]:
    """The drivers' transcripts put into frames; their fields are taken by plain splitting."""
    for path in sorted(FOLDER.glob("*/transcripts/*.txt")):
        lines = path.read_text("utf-8").rstrip("\n").split("\n")
        driver = load(path.parent.parent.name)
        rows = tuple(_plain_rows(lines))
        if rows and isinstance(driver.framing, FramingProfile):
            charset = driver.layout.charset.replace(AUTO, "utf-8")
            records = [line.encode(charset) for line in lines]
            data = ENQ + b"".join(frames_of(records, driver.framing)) + EOT
            yield Capture(f"{driver.model}/{path.stem}", "astm", data, rows)


def _plain_rows(lines: Sequence[str]) -> Iterator[Row]:
    specimen, mark = "", lines[0][1:2]
    for line in lines if lines[0][:1] == "H" and not mark.isalnum() else ():
        fields = line.split(mark) + [""] * 14
        if fields[0] == "O":
            specimen = fields[2]
        elif fields[0] == "R":
            yield (specimen, *(fields[at - 1] for at in (3, 4, 5, 6, 7, 9, 13)))


def _disturbed() -> Iterator[Capture]:
    """A value altered on the line and not repaired; a frame that came again because its ACK was lost."""
    texts = (
        (b"H|\\^&|||host\r", ETB),
        (b"P|1\rO|1|77||^^^GLU\r", ETB),
        (b"R|1|^^^GLU|2.14|mmol/L||N||F\r", ETB),
    )
    frames = [frame_bytes(place, *one) for place, one in enumerate((*texts, (b"L|1|N\r", ETX)), 1)]
    whole = ("77", "^^^GLU", "2.14", "mmol/L", "", "N", "F", "")
    altered = frames[2].replace(b"2.14", b"9.14")
    yield Capture(
        "disturbed/value_altered", "astm", ENQ + b"".join([*frames[:2], altered, frames[3]]) + EOT, ()
    )
    twice = [*frames[:3], frames[2], frames[3]]
    yield Capture("disturbed/frame_repeated", "astm", ENQ + b"".join(twice) + EOT, (whole,))
