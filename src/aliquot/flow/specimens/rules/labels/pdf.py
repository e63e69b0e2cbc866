"""Labels as PDF: one to a page for a label printer's driver, or a sheet of A4."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import resources

import typst

from aliquot.flow.specimens.rules.labels.layout import (
    HEIGHT_MM,
    WIDTH_MM,
    LabelFacts,
    Layout,
    Symbol,
    lay_out,
)
from aliquot.foundation import fonts

_TEMPLATE = (resources.files("aliquot.flow.specimens.rules.labels") / "labels.typ").read_bytes()
_FONTS = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts.FOLDER])
_MADE_AT = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())


def pdf_labels(labels: Iterable[LabelFacts]) -> bytes:
    """A PDF with each label on a page of its own, 50 x 25 mm. The same facts give the same bytes."""
    return _compile(labels, "single", skip=0)


def pdf_sheet(labels: Iterable[LabelFacts], *, skip: int = 0) -> bytes:
    """A PDF of A4 sheets with 3 x 8 labels; `skip` leaves the first places of a begun sheet empty."""
    return _compile(labels, "sheet", skip=skip)


def _compile(labels: Iterable[LabelFacts], form: str, *, skip: int) -> bytes:
    drawn = [_drawn(lay_out(facts)) for facts in labels]
    if not drawn:
        raise ValueError("There is no label to print.")
    inputs = {"labels": json.dumps(drawn), "form": form, "skip": str(skip)}
    return bytes(
        typst.compile(
            _TEMPLATE,
            font_paths=_FONTS,
            format="pdf",
            sys_inputs=inputs,
            timestamp=_MADE_AT,
            pdf_tags=False,
        )
    )


def _drawn(layout: Layout) -> dict[str, object]:
    return {
        "texts": [
            {
                "x": text.x,
                "y": text.y,
                "width": text.width,
                "size": text.size,
                "words": text.words,
                "reversed": text.is_reversed,
            }
            for text in layout.texts
        ],
        "svg": _svg(layout.symbols),
    }


def _svg(symbols: Iterable[Symbol]) -> str:
    path = "".join(_path(symbol) for symbol in symbols)
    size = f'width="{WIDTH_MM}mm" height="{HEIGHT_MM}mm" viewBox="0 0 {WIDTH_MM} {HEIGHT_MM}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><path fill="#000" d="{path}"/></svg>'


def _path(symbol: Symbol) -> str:
    """Every dark run of modules as a rectangle of one path, so that no seam shows between them."""
    parts = []
    for row, modules in enumerate(symbol.modules):
        start = 0
        while start < len(modules):
            end = start
            while end < len(modules) and modules[end] == modules[start]:
                end += 1
            if modules[start]:
                x, y = symbol.x + start * symbol.module, symbol.y + row * symbol.row_height
                parts.append(f"M{x:g} {y:g}h{(end - start) * symbol.module:g}v{symbol.row_height:g}H{x:g}z")
            start = end
    return "".join(parts)
