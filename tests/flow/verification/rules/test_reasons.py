"""The words of the reasons, in both languages."""

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

import aliquot.flow.verification
from aliquot.flow.verification.rules.reasons import (
    SENTENCES,
    WORDS,
    because,
    gettext_noop,
    sentence,
    sentences,
)

PACKAGE = Path(aliquot.flow.verification.__file__).parent
PO = PACKAGE / "locale" / "ru" / "LC_MESSAGES" / "django.po"


def test_a_reason_keeps_its_facts_as_text() -> None:
    assert because("unit_differs", unit="mg/dL", expected="mmol/L").as_json() == {
        "code": "unit_differs",
        "unit": "mg/dL",
        "expected": "mmol/L",
    }


def test_a_code_without_a_sentence_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(KeyError):
        because("no_such_code")


def test_a_sentence_names_its_facts() -> None:
    kept = because("delta", percent="25", previous="4", days=2, limit="20").as_json()
    assert sentence(kept) == "Changed by 25 % from 4 in 2 d; the limit is 20 %."


def test_a_flag_is_told_in_words() -> None:
    assert sentences([{"code": "analyzer_flag", "flag": "above_range"}]) == [
        "The analyzer flagged the result: above the measuring range."
    ]


def test_a_reason_of_another_version_is_still_shown() -> None:
    assert sentence({"code": "from the future"}) == SENTENCES["unknown"]
    assert sentence({"code": "not_numeric"}) == "The test is numeric, but the result is not a number: ."


def _told() -> Iterator[str]:
    for source in (source for source in sorted(PACKAGE.rglob("*.py")) if "expressions" not in source.parts):
        found = extract_from_file("python", str(source), keywords={"_": None, "gettext_noop": None})
        yield from (str(message) for _, message, _, _ in found)


@pytest.mark.parametrize("english", sorted(set(_told())))
def test_everything_a_person_is_told_has_russian_with_the_same_facts(english: str) -> None:
    with PO.open("rb") as file:
        message = read_po(file).get(english)
    assert message is not None
    assert message.string
    assert _names(str(message.string)) == _names(english)


def test_every_reason_is_among_what_is_told() -> None:
    assert {*SENTENCES.values(), *WORDS.values()} <= set(_told())


def _names(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name} | set(re.findall(r"%\(\w+\)s", text))


def test_marking_for_translation_changes_nothing() -> None:
    assert gettext_noop("word") == "word"
