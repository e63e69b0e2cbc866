"""Every sentence of the product is said in Russian too: in pages, in refusals, in rules, with the same gaps.

Sentences are gathered from the sources with what Django and Babel bring, so nothing needs to be installed.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

import aliquot

PACKAGE = Path(aliquot.__file__).parent
CATALOGUES = sorted(PACKAGE.rglob("locale/ru/LC_MESSAGES/django.po"))
TEMPLATES = sorted(PACKAGE.rglob("templates/**/*.html"))
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "say", "lazy")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
CYRILLIC = re.compile("[А-Яа-яЁё]")
GAP = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
MARKED = re.compile(
    r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|{%\s*blocktranslate.*?endblocktranslate\s*%}|<svg.*?</svg>",
    re.DOTALL,
)
PROGRAM = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
SEEN_ATTRIBUTE = re.compile(
    r"""\b(?:title|alt|placeholder|aria-label|data-key-text)=(["'])(.*?)\1""", re.DOTALL
)
ENTITY = re.compile(r"&\w+;")
TAG = re.compile(r"<[^>]*>", re.DOTALL)
KEYS = re.compile(r"<kbd>.*?</kbd>", re.DOTALL)
WORD = re.compile(r"[A-Za-z]{3,}")
SAID_IN_EVERY_LANGUAGE = {
    "Aliquot",
    "FHIR",
    "LOINC",
    "UCUM",
    "PostgreSQL",
    "PDF",
    "ZPL",
    "English",
    "Ivanova",
}
"""Names; of a language in that language, of the style guide's person."""

Key = tuple[str, str]
"""Context (or nothing) and the English sentence, the singular of one with plurals."""


def key_of(message: str | tuple[str | None, ...] | list[str], context: str | None = None) -> Key:
    return (context or "", message if isinstance(message, str) else str(message[0]))


def said_in(source: Path) -> set[Key]:
    """The sentences that one source marks for translation."""
    text = source.read_text(encoding="utf-8")
    code = flat(templatize(text, origin=str(source))) if source.suffix == ".html" else text
    found = extract("python", BytesIO(code.encode()), KEYWORDS, options={"encoding": "utf-8"})
    return {key_of(message, context) for _, message, _, context in found if message}


def flat(code: str) -> str:
    """Without the indentation of the markup, which Python would take for its own."""
    return "\n".join(line.lstrip() for line in code.splitlines())


def constants_of(folder: Path) -> set[str]:
    """The strings of the modules in a folder: rules know no framework, so their sentences are plain constants."""
    trees = (ast.parse(module.read_text(encoding="utf-8")) for module in folder.glob("*.py"))
    return {
        str(node.value)
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@cache
def catalogue(path: Path) -> Catalog:
    with path.open("rb") as text:
        return read_po(text, locale="ru", abort_invalid=True)


def messages(path: Path) -> Iterator[Message]:
    return (message for message in catalogue(path) if message.id)


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


@cache
def russian() -> frozenset[Key]:
    """What is said in Russian somewhere: all forms are there, and nobody doubts them."""
    return frozenset(
        key_of(message.id, message.context)
        for path in CATALOGUES
        for message in messages(path)
        if all(forms(message)) and not message.fuzzy
    )


def hard_coded(text: str) -> list[str]:
    """Words of a template that a person reads and no translator has seen."""
    bare = PROGRAM.sub(" ", KEYS.sub(" ", ENTITY.sub(" ", MARKED.sub(" ", text))))
    seen = [TAG.sub(" ", bare), *(found[1] for found in SEEN_ATTRIBUTE.findall(bare))]
    words = (word for part in seen for word in WORD.findall(part))
    return [word for word in words if word not in SAID_IN_EVERY_LANGUAGE]


def short(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@cache
def all_said() -> frozenset[Key]:
    return frozenset().union(*(said_in(source) for source in [*TEMPLATES, *MODULES]))


@pytest.mark.parametrize("source", [*TEMPLATES, *MODULES], ids=short)
def test_every_sentence_has_a_russian_one(source: Path) -> None:
    assert sorted(said_in(source) - russian()) == []


@pytest.mark.parametrize("source", TEMPLATES, ids=short)
def test_no_template_speaks_without_a_translator(source: Path) -> None:
    assert hard_coded(source.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=short)
class TestCatalogue:
    def test_nothing_is_doubtful_or_empty(self, path: Path) -> None:
        assert [m.id for m in messages(path) if m.fuzzy or not all(forms(m))] == []
        assert list(catalogue(path).obsolete) == []

    def test_nothing_is_translated_that_is_no_longer_said(self, path: Path) -> None:
        folder = path.parents[3]
        of_rules = constants_of(folder) if folder.name == "rules" else set()
        kept = [key_of(m.id, m.context) for m in messages(path)]
        assert [key for key in kept if key not in all_said() and key[1] not in of_rules] == []

    def test_the_gaps_are_the_same(self, path: Path) -> None:
        wrong = [m.id for m in messages(path) if not all(gaps_fit(m, form) for form in forms(m))]
        assert wrong == []

    def test_russian_has_all_forms_after_a_number(self, path: Path) -> None:
        """Three; gettext also knows a fourth for fractions."""
        wanted = catalogue(path).num_plurals
        assert wanted in {3, 4}
        assert {len(forms(m)) for m in messages(path) if not isinstance(m.id, str)} <= {wanted}


def gaps_fit(message: Message, form: str) -> bool:
    """Each gap of the English sentence once more; one form of a plural may leave the number out."""
    ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    return any(Counter(GAP.findall(one)) == Counter(GAP.findall(form)) for one in ids)


def test_one_sentence_has_one_russian_in_all_workplaces() -> None:
    """All catalogues are gathered into one, where the last would win unseen."""
    found: dict[Key, set[tuple[str, ...]]] = {}
    for path in CATALOGUES:
        for message in messages(path):
            found.setdefault(key_of(message.id, message.context), set()).add(forms(message))
    assert {key: texts for key, texts in found.items() if len(texts) > 1} == {}


def test_russian_is_written_in_russian_letters() -> None:
    latin = [m.id for path in CATALOGUES for m in messages(path) if not all(map(CYRILLIC.search, forms(m)))]
    allowed = {"Aliquot", "SNILS", "{value} {unit}"}
    assert [text for text in latin if WORD.search(str(text)) and text not in allowed] == []


def test_the_test_sees_what_is_missing(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('{% translate "Nobody translated this" %}{{ _("nor this") }}', encoding="utf-8")
    assert said_in(page) - russian() == {("", "Nobody translated this"), ("", "nor this")}
    assert hard_coded('<p title="A hint">Plain words {{ name }}</p>') == ["Plain", "words", "hint"]
    assert hard_coded('<p title="{% translate "A hint" %}">{% translate "Words" %} {{ name }}</p>') == []
