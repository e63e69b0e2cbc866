"""The sentences of rules are message ids; each has a Russian sentence with the same gaps."""

import re
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.pofile import read_po

from aliquot.flow.orders.rules import completeness
from aliquot.flow.specimens.rules import acceptance, numbering
from aliquot.registers.patients.rules import identifiers

GAP = re.compile(r"%\((\w+)\)s")


def sentences(module: ModuleType) -> set[str]:
    return {value for name, value in vars(module).items() if name.isupper() and isinstance(value, str)}


def russian(module: ModuleType) -> dict[str, str]:
    assert module.__file__ is not None
    po = Path(module.__file__).parent / "locale" / "ru" / "LC_MESSAGES" / "django.po"
    with po.open("rb") as text:
        return {str(message.id): str(message.string) for message in read_po(text, locale="ru") if message.id}


@pytest.mark.parametrize("module", [identifiers, completeness, numbering, acceptance])
def test_every_sentence_has_a_russian_one_with_the_same_gaps(module: ModuleType) -> None:
    translated = russian(module)
    assert len(sentences(module)) > 3
    assert sentences(module) - set(translated) == set()
    assert [words for words in sentences(module) if not re.search("[а-яё]", translated[words])] == []
    assert [
        words for words in sentences(module) if set(GAP.findall(words)) != set(GAP.findall(translated[words]))
    ] == []
