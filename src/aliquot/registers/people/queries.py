"""How people are called, for whoever reads what they did."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from aliquot.foundation import sql_files
from aliquot.foundation.naming import is_russian
from aliquot.registers.people.rules.processes import words_of_process

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class Name:
    """What somebody is called in the two languages."""

    name_en: str
    name_ru: str

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_ru if is_russian() else self.name_en


NOBODY = Name("", "")


@dataclass(frozen=True, slots=True)
class _Named:
    key: str
    name_en: str
    name_ru: str


def names_of(keys: Iterable[str]) -> dict[str, Name]:
    """The name behind each key (`person:12:doctor`, `system:worker`), in one statement for them all.

    A key that nobody has now is called by its last part, so that every key asked for is in the answer.
    """
    asked = dict.fromkeys(keys)
    people = [key for key in asked if key.startswith("person:")]
    found = sql_files.fetch(_Named, SQL, "names_of", keys=people) if people else []
    named = {one.key: Name(one.name_en, one.name_ru) for one in found}
    return {key: named.get(key) or _otherwise(key) for key in asked}


def name_of(key: str) -> str:
    """The name behind one key, in the reader's language; for a single sentence, not for a list."""
    return names_of([key])[key].name


def _otherwise(key: str) -> Name:
    words = words_of_process(key)
    if words:
        return Name(*words)
    last = key.rpartition(":")[2]
    return Name(last, last) if last else NOBODY
