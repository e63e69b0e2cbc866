"""A label in ZPL II, with everything on it as one graphic field."""

from PIL import Image, ImageOps

from aliquot.flow.specimens.rules.labels.bitmap import draw_label
from aliquot.flow.specimens.rules.labels.layout import LabelFacts


def zpl_label(facts: LabelFacts, dpi: int = 203, copies: int = 1) -> str:
    """The ZPL that prints `copies` of one label on a printer of 203 or 300 dpi.

    Text would come out as boxes on printers without a Cyrillic font, so the whole label is a ^GFA bitmap.
    Source: Zebra ZPL II Programming Guide, ^GF (ASCII hexadecimal, with a colon for "as the row above" and a
    comma for "white to the end of the row").
    """
    return zpl_image(draw_label(facts, dpi), copies)


def zpl_image(image: Image.Image, copies: int = 1) -> str:
    """The ZPL that prints a one-bit image in which dark is 0."""
    across = (image.width + 7) // 8
    dark = ImageOps.invert(image.convert("L")).convert("1").tobytes()
    rows = [dark[start : start + across].hex().upper() for start in range(0, len(dark), across)]
    total = across * image.height
    return (
        f"^XA^PW{image.width}^LL{image.height}^LH0,0"
        f"^FO0,0^GFA,{total},{total},{across},{_pack(rows)}^FS^PQ{copies}^XZ\n"
    )


def _pack(rows: list[str]) -> str:
    packed, above = [], ""
    for row in rows:
        packed.append(":" if row == above else _shorten(row))
        above = row
    return "".join(packed)


def _shorten(row: str) -> str:
    kept = row.rstrip("0")
    return row if kept == row else kept + ","
