"""The tokens: both dark blocks agree, and every pair that carries words is readable (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

import aliquot.entrypoints.web

STATIC = Path(aliquot.entrypoints.web.__file__).parent / "static" / "aliquot"
WORDS, MARKS = 4.5, 3.0

PAIRS = [
    *(
        (ink, ground, WORDS)
        for ink in ("text", "muted", "accent")
        for ground in ("page", "surface", "raised", "sunken")
    ),
    ("accent", "accent-soft", WORDS),
    ("text", "accent-soft", WORDS),
    ("muted", "accent-soft", WORDS),
    ("accent-ink", "accent", WORDS),
    ("accent-ink", "accent-strong", WORDS),
    *((kind, f"{kind}-soft", WORDS) for kind in ("good", "notice", "danger", "neutral")),
    *((kind, "surface", WORDS) for kind in ("good", "notice", "danger", "neutral")),
    ("text", "neutral-soft", WORDS),
    ("danger-ink", "danger", WORDS),
    *((mark, ground, MARKS) for mark in ("edge", "focus", "notice-mark") for ground in ("page", "surface")),
    ("tint-4", "surface", MARKS),
]


def blocks() -> dict[str, dict[str, str]]:
    css = (STATIC / "tokens.css").read_text(encoding="utf-8")
    found = re.findall(r"(:root[^{]*?)\s*\{([^}]*)\}", css)
    return {
        name: dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6}|rgb\([^)]*\));", body)) for name, body in found
    }


LIGHT = blocks()[":root"]
DARK = blocks()[':root[data-theme="dark"]']


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_on_white_is_the_known_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_dark_by_preference_is_dark_by_choice() -> None:
    assert blocks()[':root:not([data-theme="light"])'] == DARK
    assert set(DARK) == set(LIGHT)


@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_pair_is_readable(theme: dict[str, str], ink: str, ground: str, least: float) -> None:
    assert contrast(theme[ink], theme[ground]) >= least


@pytest.mark.parametrize("sheet", ["layout.css", "components.css", "charts.css"])
def test_only_tokens_name_a_colour(sheet: str) -> None:
    css = (STATIC / sheet).read_text(encoding="utf-8")
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", css) == []
    used = set(re.findall(r"var\(--([\w-]+)\)", css))
    known = set(re.findall(r"--([\w-]+):", (STATIC / "tokens.css").read_text(encoding="utf-8")))
    assert used <= known
