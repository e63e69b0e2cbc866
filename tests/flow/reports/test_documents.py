"""The printed report, read back by an independent reader."""

import ctypes

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from aliquot.flow.reports.documents.rendering import render
from tests.flow.reports.samples import make_content, make_item, make_value

EARLIER = {"version": 1, "kind": "final", "released_at": "2026-11-22T08:30:00+00:00"}


def pages_of(document: bytes) -> list[str]:
    pdf = pypdfium2.PdfDocument(document)
    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in pdf]


def fonts_of(document: bytes) -> dict[str, bool]:
    """Names of the fonts on the first page, and whether each is embedded."""
    found = {}
    page = pypdfium2.PdfDocument(document)[0]
    for one in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
        font = pdfium.FPDFTextObj_GetFont(one.raw)
        name = ctypes.create_string_buffer(200)
        pdfium.FPDFFont_GetBaseFontName(font, name, 200)
        found[name.value.decode()] = bool(pdfium.FPDFFont_GetIsEmbedded(font))
    return found


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Laboratory report", "FINAL", "Kurgan Hub Laboratory", "Glucose (serum)", "14.9", "mmol/L", "4.1 – 6.1",
                "critically high", "Serum", "22.11.2026 10:20", "112-233-445 95", "Dr A. Orlova", "Clinical chemistry",
                "hexokinase", "Reference interval", "41 y"]),
        ("ru", ["Результаты лабораторных исследований", "ОКОНЧАТЕЛЬНЫЙ", "Глюкоза (сыворотка)", "14,9", "ммоль/л",
                "4,1 – 6,1", "критически высоко", "Сыворотка крови", "22.11.2026 12:05", "Тестова Анна Ивановна",
                "Орлова А. С.", "Биохимия", "гексокиназный", "41 год", "Поликлиника № 3"]),
    ],
)  # fmt: skip
def test_the_words_of_the_report_are_read_back(language: str, words: list[str]) -> None:
    person = {
        "is_automatic": False,
        "released_by": "person:7:o",
        "released_en": "Dr A. Orlova",
        "released_ru": "Орлова А. С.",
    }
    text = " ".join(
        pages_of(render(make_content(make_item("GLUS", make_value("14.9", flag="HH", **person))), language))
    )
    assert [word for word in words if word not in text] == []


def test_every_font_is_embedded_and_the_text_face_is_ours() -> None:
    fonts = fonts_of(render(make_content(), "ru"))
    assert all(fonts.values())
    assert any("PTSans" in name.replace(" ", "").replace("-", "") for name in fonts)


def test_the_same_content_gives_the_same_bytes() -> None:
    content = make_content()
    assert render(content, "ru") == render(content, "ru")
    assert render(content, "ru") != render(content, "en")


def test_a_corrected_report_shows_both_values_and_what_it_replaces() -> None:
    new = make_value("7.7", version=2, amend_reason="wrong position", released_at="2026-11-22T09:20:00+00:00")
    content = make_content(make_item("GLUS", new, earlier=[make_value("4.2")]), earlier=[EARLIER])
    text = " ".join(pages_of(render(content, "en")))
    for words in ("CORRECTED", "version 2, replaces version 1 of 22.11.2026 13:30", "7.7", "Earlier value: 4.2 mmol/L",
                  "replaced 22.11.2026 14:20", "Reason: wrong position"):  # fmt: skip
        assert words in text


def test_rules_are_named_where_no_person_released() -> None:
    assert "released by rules that the laboratory approved" in pages_of(render(make_content(), "en"))[0]


def test_a_report_of_a_thousand_results_is_paged_with_heads_and_identity_on_each_page() -> None:
    items = [
        make_item(f"T{n}", make_value(str(n)), item_id=n, position=n, name_en=f"Test number {n}")
        for n in range(1000)
    ]
    pages = pages_of(render(make_content(*items), "en"))
    assert len(pages) > 15
    for place, text in enumerate(pages, start=1):
        assert f"page {place} of {len(pages)}" in text
        assert "Тестова Анна Ивановна" in text
        assert "Clinical chemistry" in text or place == len(pages)
    everything = " ".join(pages)
    assert all(f"Test number {n} " in everything for n in range(1000))


def test_what_a_person_wrote_is_printed_as_written_and_never_as_markup() -> None:
    comment = '#panic("no") *bold* $x$ [y] <z> \\ //'
    text = pages_of(render(make_content(make_item("GLUS", make_value(comment=comment))), "en"))[0]
    assert comment in text
