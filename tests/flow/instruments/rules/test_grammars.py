"""The charset of what records say, whatever the driver believes of it."""

import pytest

from aliquot.flow.instruments.rules.grammars import reader_of

TEXT = "H|\\^&|||X\rP|1\rO|1|70301\rR|1|^^^UREA|5,1|{}\rL|1|N\r"


def unit(content: bytes, charset: str) -> str:
    (sheet,) = reader_of("astm", charset, {})(content)
    raw = sheet.findings[0].raw
    assert raw is not None
    return raw["unit"]


@pytest.mark.parametrize("charset", ["auto", "latin-1", "cp1252"])
@pytest.mark.parametrize("sent", ["latin-1", "utf-8"])
@pytest.mark.parametrize("said", ["µmol/L", "Größe", "mmol/L"])
def test_a_western_text_is_utf_8_where_its_bytes_are(charset: str, sent: str, said: str) -> None:
    assert unit(TEXT.format(said).encode(sent), charset) == said


def test_another_charset_is_taken_at_its_word() -> None:
    assert unit(TEXT.format("ммоль/л").encode("cp1251"), "cp1251") == "ммоль/л"
    assert unit(TEXT.format("ммоль/л").encode("koi8-r"), "koi8-r") == "ммоль/л"
    assert unit(TEXT.format("é").encode(), "cp1251") == "Г©"


def test_text_that_is_no_utf_8_throughout_is_western() -> None:
    broken = TEXT.format("µmol/L").encode().replace(b"70301", b"70301\xb5")
    assert unit(broken, "latin-1") == "Âµmol/L"
