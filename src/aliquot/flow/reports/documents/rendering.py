"""From the content of a report to a PDF; pure but for reading the template and the fonts."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from aliquot.flow.reports.rules.layout import Page, lay_out
from aliquot.foundation.typesetting import typeset

LANGUAGES: Final = ("en", "ru")
_HERE: Final = Path(__file__).parent


def render(content: Mapping[str, Any], language: str) -> bytes:
    """The PDF of a report's content in `en` or `ru`: the same bytes for the same content.

    Fonts come from the package and are embedded; the document's time is the time of release.
    """
    page = lay_out_in(content, language)
    return typeset(_HERE / "templates" / "report.typ", page, datetime.fromisoformat(content["released_at"]))


def lay_out_in(content: Mapping[str, Any], language: str) -> Page:
    """Every text of the printed report in `en` or `ru`, for whoever shows it on a screen; see `lay_out`."""
    return lay_out(content, language, _words()[language])


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((_HERE / "words.toml").read_text(encoding="utf-8"))
