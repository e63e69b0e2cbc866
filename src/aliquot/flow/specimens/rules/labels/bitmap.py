"""A label as dots, for printers whose own fonts have no Cyrillic."""

from functools import cache

from PIL import Image, ImageDraw, ImageFont

from aliquot.flow.specimens.rules.labels.layout import (
    HEIGHT_MM,
    WIDTH_MM,
    LabelFacts,
    Layout,
    Symbol,
    Text,
    lay_out,
)
from aliquot.foundation import fonts

_DOTS_PER_MM = {203: 8, 300: 11.811}
_SMALLEST = 0.6
_ELLIPSIS = "…"


def draw_label(facts: LabelFacts, dpi: int = 203) -> Image.Image:
    """The label as a one-bit image, dark is 0, at 203 or 300 dots per inch.

    Bars and cells are whole dots, so nothing is blurred. A text too long is set smaller, to 60 %, then cut
    with an ellipsis. The same facts give the same dots.
    """
    return draw_layout(lay_out(facts), dpi)


def draw_layout(layout: Layout, dpi: int) -> Image.Image:
    """`layout` as a one-bit image. Raises KeyError for a resolution that no label printer has."""
    scale = _DOTS_PER_MM[dpi]
    image = Image.new("1", (int(WIDTH_MM * scale), int(HEIGHT_MM * scale)), 1)
    draw = ImageDraw.Draw(image)
    for symbol in layout.symbols:
        _draw_symbol(draw, symbol, scale)
    for text in layout.texts:
        _draw_text(draw, text, scale)
    return image


def _draw_symbol(draw: ImageDraw.ImageDraw, symbol: Symbol, scale: float) -> None:
    wide = round(symbol.module * scale)
    high = round(symbol.row_height * scale)
    left, top = round(symbol.x * scale), round(symbol.y * scale)
    for row, modules in enumerate(symbol.modules):
        for column, is_dark in enumerate(modules):
            if is_dark:
                x, y = left + column * wide, top + row * high
                draw.rectangle((x, y, x + wide - 1, y + high - 1), fill=0)


def _draw_text(draw: ImageDraw.ImageDraw, text: Text, scale: float) -> None:
    room = text.width * scale
    font, words = _fit(text.words, text.size * scale, room)
    x, y = round(text.x * scale), round(text.y * scale)
    if text.is_reversed:
        box = draw.textbbox((x, y), words, font=font)
        draw.rectangle((box[0] - 3, box[1] - 3, box[2] + 3, box[3] + 3), fill=0)
    draw.text((x, y), words, font=font, fill=int(text.is_reversed))


def _fit(words: str, size: float, room: float) -> tuple[ImageFont.FreeTypeFont, str]:
    """The largest font of this size or less, and as many words as fit in `room` dots."""
    smallest = max(8, int(size * _SMALLEST))
    for dots in range(int(size), smallest - 1, -1):
        if _font(dots).getlength(words) <= room:
            return _font(dots), words
    font = _font(smallest)
    while words and font.getlength(words + _ELLIPSIS) > room:
        words = words[:-1]
    return font, words.rstrip() + _ELLIPSIS


@cache
def _font(dots: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(fonts.NARROW_BOLD, dots, layout_engine=ImageFont.Layout.BASIC)
