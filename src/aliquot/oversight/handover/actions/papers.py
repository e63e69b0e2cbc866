"""What is opened without a database: documents, FHIR, dictionary, configuration, months put away."""

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from django.utils.translation import gettext as _

import aliquot
from aliquot.foundation.errors import Refused
from aliquot.oversight.handover.actions.packing import Packer
from aliquot.oversight.handover.queries.database import held_relations, months_away
from aliquot.oversight.handover.queries.dictionary import table_facts
from aliquot.oversight.handover.queries.packages import seen_file
from aliquot.oversight.handover.queries.papers import documents_of
from aliquot.oversight.handover.queries.resources import resource_lines
from aliquot.oversight.handover.rules.bundling import bundle, bundles
from aliquot.oversight.handover.rules.cutting import cut, gaps
from aliquot.oversight.handover.rules.dictionary import write_dictionary
from aliquot.oversight.handover.rules.manifest import DOCUMENTS, FHIR, MONTH, TEXT, Part

SHIPPED = (
    "flow/instruments/drivers",
    "registers/catalogue/data",
    "registers/network/data",
    "flow/verification/data",
    "oversight/insight/data",
)


@dataclass(frozen=True, slots=True)
class Papers:
    """Puts into a package what is read by people and other programs."""

    packer: Packer
    configuration: Mapping[str, str]
    months: Path | None

    def put_documents(self, table: str, kept: Sequence[Part]) -> list[Part]:
        """Documents as they were rendered, byte for byte, in ZIP files with an index each."""
        spans = [
            (part.low, part.high)
            for part in kept
            if part.kind == DOCUMENTS
            and part.about == table
            and part.low is not None
            and part.high is not None
        ]
        parts = []
        for between in gaps(spans):
            for content, some in bundles(documents_of(table, between)):
                low, high = some[0].key, some[-1].key
                path = f"documents/{table}/{low:020d}.zip.age"
                part = self.packer.put(
                    path, DOCUMENTS, content, about=table, rows=len(some), low=low, high=high
                )
                self.packer.progress.add([part])
                parts.append(part)
        return parts

    def put_resources(self) -> list[Part]:
        """FHIR R4, one resource a line."""
        return [
            self.packer.put(
                f"fhir/{kind}/{number:06d}.ndjson.zst.age", FHIR, chunk.content, about=kind, rows=chunk.rows
            )
            for kind, lines in resource_lines()
            for number, chunk in enumerate(cut(lines, has_key=False))
        ]

    def put_texts(self) -> list[Part]:
        """The dictionary in both languages, the configuration, and what was shipped with the program."""
        held = held_relations()
        texts = {
            f"dictionary.{language}.md": write_dictionary(table_facts(held, language), language).encode()
            for language in ("en", "ru")
        }
        said = {**self.configuration, "python": platform.python_version()}
        texts["configuration.json"] = orjson.dumps(said, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        texts["shipped.zip"] = bundle(shipped_files())
        return [
            self.packer.put(f"texts/{name}.age", TEXT, content, about=name) for name, content in texts.items()
        ]

    def put_months(self) -> list[Part]:
        """Months that were put away; Refused, naming the file, when one is not at hand as it was written."""
        parts = []
        for month, digest, written in months_away():
            places = [written, *([self.months / written.name] if self.months else [])]
            source = next((one for one in places if one.is_file() and seen_file(one).digest == digest), None)
            if source is None:
                words = _(
                    "%(month)s was put away into %(file)s, which is not there as it was written. "
                    "Put it back, or name the folder where it lies: --months FOLDER."
                )
                raise Refused(words % {"month": month, "file": written})
            parts.append(self.packer.put_file(f"months/{written.name}.age", MONTH, source, about=month))
        return parts


def shipped_files() -> Iterator[tuple[str, bytes]]:
    """What was shipped beside the code, by its path in the program: drivers, catalogue, rules, indicators."""
    root = Path(aliquot.__file__).parent
    for folder in SHIPPED:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(root).as_posix(), path.read_bytes()
