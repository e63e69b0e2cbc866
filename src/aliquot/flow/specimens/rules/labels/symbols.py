"""Bar code symbols as rows of modules."""

import zint

Modules = tuple[tuple[bool, ...], ...]
"""Rows from the top, each a module per column, True is dark."""

_ROW_BYTES = 1152 // 8
"""Zint keeps room for 1152 modules in a row."""


def code_128(digits: str) -> Modules:
    """One row of Code 128 without quiet zones; even runs of digits stay in code set C (ISO/IEC 15417)."""
    return _encode(zint.Symbology.CODE128, digits)


def data_matrix(digits: str) -> Modules:
    """The square Data Matrix ECC 200 symbol without quiet zone (ISO/IEC 16022)."""
    return _encode(zint.Symbology.DATAMATRIX, digits)


def _encode(symbology: zint.Symbology, text: str) -> Modules:
    symbol = zint.Symbol()
    symbol.symbology = symbology
    symbol.show_text = False
    symbol.encode(text)
    packed = memoryview(symbol.encoded_data).tobytes()
    return tuple(
        tuple(
            bool(packed[row * _ROW_BYTES + column // 8] >> column % 8 & 1) for column in range(symbol.width)
        )
        for row in range(symbol.rows)
    )
