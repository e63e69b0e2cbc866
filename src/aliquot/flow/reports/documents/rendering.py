"""From the content of a report to a PDF; pure but for reading the template and the fonts."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import orjson
import typst

from aliquot.flow.reports.rules.layout import Page, lay_out

LANGUAGES: Final = ("en", "ru")
_HERE: Final = Path(__file__).parent
_TEMPLATES: Final = _HERE / "templates"
_FONTS: Final = Path(__file__).parents[3] / "foundation" / "fonts"


def render(content: Mapping[str, Any], language: str) -> bytes:
    """The PDF of a report's content in `en` or `ru`: the same bytes for the same content.

    Fonts come from the package and are embedded; the document's time is the time of release.
    """
    page = lay_out_in(content, language)
    compiled: bytes = typst.compile(
        _TEMPLATES / "report.typ",
        root=_TEMPLATES,
        font_paths=[_FONTS],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"page": orjson.dumps(page).decode()},
        timestamp=_seconds(content["released_at"]),
    )
    return compiled


def lay_out_in(content: Mapping[str, Any], language: str) -> Page:
    """Every text of the printed report in `en` or `ru`, for whoever shows it on a screen; see `lay_out`."""
    return lay_out(content, language, _words()[language])


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((_HERE / "words.toml").read_text(encoding="utf-8"))


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).astimezone(UTC).timestamp())
