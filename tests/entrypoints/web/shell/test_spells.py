"""Spells are drawn to scale, what has no end in sight to the edge, each with its words."""

import re
from datetime import UTC, datetime, timedelta

from aliquot.entrypoints.web.shell.charts.spells import WIDTH, Bar, Row, Scale, spells

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
SCALE = Scale(FIRST, FIRST + timedelta(days=100), FIRST + timedelta(days=50), "now", [])


def drawn(*bars: Bar) -> list[tuple[float, float, str]]:
    """Left edge, width and class of each bar."""
    made = spells([Row("Hub <1>", bars)], SCALE, title="Who")
    found = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"[^>]*class="([\w-]+)"', made)
    return [(float(left), float(width), name) for left, width, name in found]


def test_a_bar_is_as_long_as_its_time() -> None:
    own = Bar("Own", 0, None, FIRST + timedelta(days=25), "own until then")
    hired = Bar("Hired", 1, FIRST + timedelta(days=25), None, "hired since")
    assert drawn(own, hired) == [
        (0.0, WIDTH / 4, "spells-0"),
        (WIDTH / 4, WIDTH * 3 / 4, "spells-1"),
    ]


def test_colours_begin_again_without_the_plain_one() -> None:
    bars = [
        Bar("x", tint, FIRST + timedelta(days=tint), FIRST + timedelta(days=tint + 1), "x")
        for tint in range(1, 6)
    ]
    assert [name for _, _, name in drawn(*bars)] == [
        "spells-1", "spells-2", "spells-3", "spells-1", "spells-2",
    ]  # fmt: skip


def test_words_are_escaped_and_said_to_whom_cannot_see() -> None:
    made = spells([Row("Hub <1>", [Bar("A & B", 0, None, None, "A & B always")])], SCALE, title="Who")
    assert "Hub &lt;1&gt;" in made
    assert "A &amp; B always" in made
    assert "Hub <1>" not in made
    assert spells([], SCALE, title="Who") == ""


def test_what_lies_outside_the_picture_is_not_drawn() -> None:
    assert drawn(Bar("old", 1, FIRST - timedelta(days=9), FIRST - timedelta(days=1), "long ago")) == []
