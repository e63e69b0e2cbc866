"""Labels are printed, seen as dots, and read back by an independent reader."""

import re

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from aliquot.flow.specimens.rules.labels.bitmap import draw_label
from aliquot.flow.specimens.rules.labels.layout import LabelFacts, lay_out
from aliquot.flow.specimens.rules.labels.pdf import pdf_labels, pdf_sheet
from aliquot.flow.specimens.rules.labels.zpl import zpl_image, zpl_label
from aliquot.flow.specimens.rules.numbering import specimen_number
from aliquot.wire.barcode import code_128_modules

NUMBER = specimen_number("7101", 1_234_567)
BOTH = {("Code128", NUMBER), ("DataMatrix", NUMBER)}
DPI = pytest.mark.parametrize("dpi", [203, 300])
GRAPHIC = re.compile(r"\^GFA,(\d+),(\d+),(\d+),([0-9A-F:,]+)\^FS")


def make_label(**changes: object) -> LabelFacts:
    facts: dict[str, object] = {
        "number": NUMBER,
        "patient": "Щёлокова Юлия Жановна",
        "birth_date": "17.05.1980",
        "sex": "Ж",
        "container": "сиреневая ЭДТА",
        "site": "Ефремов",
        "tests": ("ОАК", "СОЭ"),
        "urgency": "CITO!",
    }
    return LabelFacts(**(facts | changes))  # type: ignore[arg-type]


def symbols_in(image: Image.Image) -> set[tuple[str, str]]:
    return {(found.format.name, found.text) for found in zxingcpp.read_barcodes(image.convert("L"))}


def pages_of(pdf: bytes, dpi: int) -> list[Image.Image]:
    return [page.render(scale=dpi / 72).to_pil() for page in pypdfium2.PdfDocument(pdf)]


def print_zpl(zpl: str) -> Image.Image:
    """What a printer makes of the graphic field, by the words of the ZPL II guide."""
    field = GRAPHIC.search(zpl)
    assert field is not None
    total, count, across = (int(field[place]) for place in (1, 2, 3))
    assert total == count
    rows: list[str] = []
    open_row = ""
    for character in field[4]:
        if character == ":":
            open_row = rows[-1]
        elif character == ",":
            open_row = open_row.ljust(2 * across, "0")
        else:
            open_row += character
        if len(open_row) == 2 * across:
            rows.append(open_row)
            open_row = ""
    assert open_row == ""
    assert len(rows) * across == total
    width = re.search(r"\^PW(\d+)", zpl)
    assert width is not None
    dark = Image.frombytes("1", (8 * across, len(rows)), bytes.fromhex("".join(rows)))
    return ImageChops.invert(dark.convert("L")).convert("1").crop((0, 0, int(width[1]), len(rows)))


@DPI
def test_both_symbols_of_the_printed_dots_hold_the_number(dpi: int) -> None:
    assert symbols_in(print_zpl(zpl_label(make_label(), dpi))) == BOTH


@DPI
def test_both_symbols_of_the_pdf_hold_the_number(dpi: int) -> None:
    assert [symbols_in(page) for page in pages_of(pdf_labels([make_label()]), dpi)] == [BOTH]


@DPI
def test_the_zpl_carries_every_dot_of_the_drawing(dpi: int) -> None:
    drawn = draw_label(make_label(), dpi)
    assert drawn.size == {203: (400, 200), 300: (590, 295)}[dpi]
    assert print_zpl(zpl_label(make_label(), dpi)).tobytes() == drawn.tobytes()


@given(st.integers(1, 40), st.integers(1, 12), st.data())
def test_any_dots_survive_the_packing(width: int, height: int, data: st.DataObject) -> None:
    size = (width + 7) // 8 * height
    some = data.draw(st.binary(min_size=size, max_size=size) | st.sampled_from([bytes(size), b"\xff" * size]))
    image = Image.frombytes("1", (width, height), some)
    assert print_zpl(zpl_image(image)).tobytes() == image.tobytes()


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["71", "7101", "290355"]), st.integers(0, 99_999))
def test_any_number_reads_back(prefix: str, running: int) -> None:
    number = specimen_number(prefix, running)
    assert symbols_in(draw_label(make_label(number=number), 203)) == {
        ("Code128", number),
        ("DataMatrix", number),
    }


def test_no_text_is_left_to_the_printers_fonts() -> None:
    zpl = zpl_label(make_label(), copies=3)
    assert zpl.isascii()
    assert "^PQ3^XZ" in zpl
    assert re.findall(r"\^A[0-9@A-Z]|\^FD|\^BC|\^BX", zpl) == []


@DPI
@pytest.mark.parametrize("patient", ["Щёлокова", "Ли", "Żółć-Müller"])
def test_the_name_is_there_as_dots_and_letters_differ(dpi: int, patient: str) -> None:
    def name_strip(words: str) -> Image.Image:
        image = draw_label(make_label(patient=words), dpi)
        return image.crop((0, 0, image.width, round(4.5 * image.width / 50)))

    drawn, blank, boxes = (name_strip(words) for words in (patient, "", "\uffff" * len(patient)))
    assert ImageChops.difference(drawn.convert("L"), blank.convert("L")).getbbox() is not None
    assert drawn.tobytes() != boxes.tobytes()
    assert drawn.tobytes() != name_strip(patient[::-1]).tobytes()


def test_the_pdf_says_the_name_in_the_font_that_travels_with_it() -> None:
    document = pypdfium2.PdfDocument(pdf_labels([make_label()]))
    text = document[0].get_textpage().get_text_bounded()
    for words in ("Щёлокова Юлия Жановна", "17.05.1980", "сиреневая ЭДТА", "ОАК СОЭ", NUMBER[:3]):
        assert words in text
    assert b"PTSans" in pdf_labels([make_label()])


def test_a_name_too_long_is_cut_at_the_edge_and_never_overprints() -> None:
    long = make_label(patient="Константинопольская-Щёлокова Александра Владимировна Ибн-Хоттабовна")
    image = draw_label(long, 203).convert("L")
    right_margin = image.crop((round(48.75 * 8), 0, 400, 200))
    assert right_margin.getextrema() == (255, 255)
    assert symbols_in(image) == BOTH
    text = pypdfium2.PdfDocument(pdf_labels([long]))[0].get_textpage().get_text_bounded()
    assert "…" in text


def test_a_sheet_holds_24_and_begins_where_it_was_left() -> None:
    numbers = [specimen_number("7101", running) for running in range(26)]
    pages = pages_of(pdf_sheet([make_label(number=number) for number in numbers], skip=3), 203)
    found = [
        [hit.text for hit in zxingcpp.read_barcodes(page) if hit.format.name == "Code128"] for page in pages
    ]
    assert [len(texts) for texts in found] == [21, 5]
    assert sorted(text for texts in found for text in texts) == sorted(numbers)


def test_the_same_label_is_the_same_bytes() -> None:
    assert pdf_labels([make_label()]) == pdf_labels([make_label()])
    assert zpl_label(make_label()) == zpl_label(make_label())


def test_the_bars_are_as_wide_as_computed_and_keep_their_quiet_zone() -> None:
    code = lay_out(make_label()).symbols[0]
    assert len(code.modules[0]) == code_128_modules(NUMBER)
    assert code.x >= 10 * code.module
    assert code.x + (len(code.modules[0]) + 10) * code.module < lay_out(make_label()).symbols[1].x


def test_what_is_no_specimen_number_is_not_printed() -> None:
    with pytest.raises(ValueError, match="check digit"):
        zpl_label(make_label(number=NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)))
    with pytest.raises(ValueError, match="no label"):
        pdf_labels([])
