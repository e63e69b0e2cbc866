"""From a page of plain values to a PDF, by a template of typst and the fonts of the package."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import typst

from aliquot.foundation import fonts


def typeset(template: Path, page: Mapping[str, Any], at: datetime) -> bytes:
    """The PDF of a page, dated `at`: the same bytes for the same page; its fonts are embedded."""
    compiled: bytes = typst.compile(
        template,
        root=template.parent,
        font_paths=[fonts.FOLDER],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"page": orjson.dumps(page).decode()},
        timestamp=int(at.timestamp()),
    )
    return compiled
