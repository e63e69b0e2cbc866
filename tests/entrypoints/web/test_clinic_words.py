"""The Russian sentences of the clinic's pages: none left over, the same placeholders, in all plural forms."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

import aliquot.entrypoints.web

WEB = Path(aliquot.entrypoints.web.__file__).parent
KEYWORDS = {
    "gettext": None, "gettext_lazy": None, "_": None, "say": None,
    "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip


def said(workplace: str) -> set[str]:
    """The English sentences of a workplace; of one with plurals the singular."""
    found: set[str] = set()
    for source in [*(WEB / workplace).rglob("*.py"), *(WEB / workplace).rglob("*.html")]:
        text = source.read_text(encoding="utf-8")
        if source.suffix == ".html":
            text = "\n".join(line.strip() for line in templatize(text, origin=str(source)).splitlines())
        messages = extract("python", BytesIO(text.encode()), KEYWORDS, options={"encoding": "utf-8"})
        found |= {message if isinstance(message, str) else message[0] for _, message, _, _ in messages}
    return found


def translated(workplace: str) -> dict[str, tuple[str, ...]]:
    with (WEB / workplace / "locale/ru/LC_MESSAGES/django.po").open("rb") as file:
        messages = [one for one in read_po(file) if one.id]
    return {_all(one.id)[0]: _all(one.string) for one in messages}


def _all(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


@pytest.mark.parametrize("workplace", ["ordering", "collection", "reports"])
def test_no_sentence_is_left_over_and_none_is_empty(workplace: str) -> None:
    russian = translated(workplace)
    assert set(russian) <= said(workplace)
    assert not [english for english, forms in russian.items() if not all(forms)]


@pytest.mark.parametrize("workplace", ["ordering", "collection", "reports"])
def test_placeholders_are_the_same(workplace: str) -> None:
    def names(text: str) -> list[str]:
        return sorted(re.findall(r"%\(\w+\)\w", text))

    wrong = {
        e for e, forms in translated(workplace).items() if any(names(e) != names(form) for form in forms)
    }
    assert wrong == set()
