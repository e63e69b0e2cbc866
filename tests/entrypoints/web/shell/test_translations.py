"""Every sentence of the shell has a Russian one with the same placeholders."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from aliquot.entrypoints.web import shell

SHELL = Path(shell.__file__).parent
SOURCES = sorted([*SHELL.rglob("*.py"), *SHELL.rglob("*.html")])


def sentences(source: Path) -> set[str]:
    text = source.read_text(encoding="utf-8")
    code = templatize(text, origin=str(source)) if source.suffix == ".html" else text
    keywords = {"gettext": None, "gettext_lazy": None, "_": None, "ngettext": (1, 2)}
    found = extract("python", BytesIO(code.encode()), keywords, options={"encoding": "utf-8"})
    return {message if isinstance(message, str) else message[0] for _, message, _, _ in found}


@pytest.fixture(scope="module")
def russian() -> dict[str, str]:
    with (SHELL / "locale/ru/LC_MESSAGES/django.po").open("rb") as file:
        return {first(message.id): first(message.string) for message in read_po(file) if message.id}


def first(text: str | tuple[str, ...]) -> str:
    """A sentence, or the singular of one with plurals."""
    return text if isinstance(text, str) else text[0]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_sentence_has_russian(source: Path, russian: dict[str, str]) -> None:
    assert {sentence for sentence in sentences(source) if not russian.get(sentence)} == set()


def test_nothing_is_translated_that_is_not_said(russian: dict[str, str]) -> None:
    assert set(russian) - set().union(*map(sentences, SOURCES)) == set()


def test_placeholders_are_the_same(russian: dict[str, str]) -> None:
    def names(text: str) -> list[str]:
        return sorted(re.findall(r"%\(\w+\)\w", text))

    assert {english for english, text in russian.items() if names(english) != names(text)} == set()
