"""The drawings of the pages: strokes on a 20 by 20 grid, coloured by the text around them."""

import re
from typing import Final

ICONS: Final[dict[str, str]] = {
    "ordering": '<path d="M5 2.5h7l3.5 3.5v11.5H5z"/><path d="M12 2.5V6h3.5M8 10h5M8 13h5"/>',
    "collection": '<path d="M7.5 5v10a2.5 2.5 0 0 0 5 0V5M6.5 2.5h7V5h-7zM7.5 10h5"/>',
    "transport": '<path d="M2 5.5h9.5v8H2zM11.5 8.5h3.5l3 2.8v2.2h-6.5z"/>'
    '<circle cx="6" cy="15" r="1.6"/><circle cx="14.5" cy="15" r="1.6"/>',
    "reception": '<path d="M3 11v5.5h14V11M3 11h4l1 2h4l1-2h4M10 2.5v6M7.5 6 10 8.5 12.5 6"/>',
    "bench": '<path d="M8 3.5 12 2l2.2 6-4 1.5zM12.5 8.6a4.5 4.5 0 0 1-.7 7.4M4.5 17.5h11M6 12.5h6"/>',
    "reports": '<path d="M4.5 2.5h11v15h-11zM7.5 14v-3M10 14V7M12.5 14V9"/>',
    "rules": '<path d="M3 5h8M3 10h8M3 15h8"/><path d="m13 4.5 1.5 1.5L17 3.5M13 9.5l1.5 1.5L17 8.5M13.5 13.5l3 3M16.5 13.5l-3 3"/>',  # noqa: E501 - one drawing
    "quality": '<path d="M2.5 10h3l2-5 3.5 10 2.5-5h4"/>',
    "corrections": '<path d="M4 8.5h8a4 4 0 0 1 0 8H8M7.5 5 4 8.5 7.5 12"/>',
    "network": '<circle cx="10" cy="10" r="2.2"/><circle cx="4" cy="4.5" r="1.6"/><circle cx="16" cy="5" r="1.6"/>'  # noqa: E501 - one drawing
    '<circle cx="5" cy="16" r="1.6"/><path d="M8.4 8.4 5.2 5.6M11.7 8.6l3-2.5M8.6 11.7l-2.5 3"/>',
    "planner": '<path d="M5 16.5c6 0 1.5-6 5-6.5s5.5-.5 5-4"/><circle cx="4" cy="16.5" r="1.6"/><path d="M13 6l2-3 2 3z"/>',  # noqa: E501 - one drawing
    "setup": '<path d="M3 5.5h7M14 5.5h3M3 14.5h3M10 14.5h7"/><circle cx="12" cy="5.5" r="2"/><circle cx="8" cy="14.5" r="2"/>',  # noqa: E501 - one drawing
    "overview": '<path d="M3 3h6v7H3zM11 3h6v4h-6zM11 9h6v8h-6zM3 12h6v5H3z"/>',
    "scan": '<path d="M2.5 6V3.5H6M14 3.5h3.5V6M17.5 14v2.5H14M6 16.5H2.5V14M5.5 7v6M8 7v6M10.5 7v6M12.5 7v6M14.5 7v6"/>',  # noqa: E501 - one drawing
    "search": '<circle cx="8.5" cy="8.5" r="5"/><path d="m12.5 12.5 4.5 4.5"/>',
    "check": '<path d="m4 10.5 4 4 8-9"/>',
    "cross": '<path d="m5 5 10 10M15 5 5 15"/>',
    "alert": '<path d="M10 3 18 16.5H2zM10 8v4M10 14.3v.2"/>',
    "clock": '<circle cx="10" cy="10" r="7"/><path d="M10 6v4.3l3 1.7"/>',
    "hold": '<path d="M7 4v12M13 4v12"/>',
    "print": '<path d="M6 7V2.5h8V7M6 14H3V7h14v7h-3M6 11.5h8v6H6z"/>',
    "box": '<path d="m3 6.5 7-4 7 4v7.5l-7 3.5-7-3.5zM3 6.5l7 3.7 7-3.7M10 10.2v7.3"/>',
    "person": '<circle cx="10" cy="6.5" r="3.2"/><path d="M3.5 17c.5-4 3-5.8 6.5-5.8s6 1.8 6.5 5.8"/>',
    "phone": '<path d="M4 3h3l1.5 4-2 1.5a11 11 0 0 0 5 5l1.5-2 4 1.5v3c-7 1-14-6-13-13z"/>',
    "thermometer": '<path d="M8.2 11.5V4.3a1.8 1.8 0 0 1 3.6 0v7.2a3.4 3.4 0 1 1-3.6 0zM10 8v6"/>',
    "add": '<path d="M10 4v12M4 10h12"/>',
    "next": '<path d="M4 10h12M11.5 5.5 16 10l-4.5 4.5"/>',
    "refresh": '<path d="M16 8A6.3 6.3 0 0 0 4.3 7M4 12a6.3 6.3 0 0 0 11.7 1M4 3.5V7h3.5M16 16.5V13h-3.5"/>',
    "download": '<path d="M10 3v9M6.5 8.5 10 12l3.5-3.5M3.5 16.5h13"/>',
    "keyboard": '<path d="M2 5h16v10H2zM5 8h.1M8 8h.1M11 8h.1M14.5 8h.1M6.5 12h7"/>',
    "menu": '<path d="M3 5.5h14M3 10h14M3 14.5h14"/>',
    "sun": '<circle cx="10" cy="10" r="3.2"/><path d="M10 2v2M10 16v2M2 10h2M16 10h2M4.4 4.4l1.4 1.4M14.2 14.2l1.4 1.4M4.4 15.6l1.4-1.4M14.2 5.8l1.4-1.4"/>',  # noqa: E501 - one drawing
    "moon": '<path d="M16.5 12A7 7 0 1 1 8 3.5a5.6 5.6 0 0 0 8.5 8.5z"/>',
    "leave": '<path d="M12 3H4v14h8M8 10h9M13.5 6.5 17 10l-3.5 3.5"/>',
    "mark": '<path d="m10 1.8 7 4.1v8.2l-7 4.1-7-4.1V5.9z"/><path d="M10 6.2c2 2.6 2.9 3.7 2.9 5a2.9 2.9 0 0 1-5.8 0c0-1.3.9-2.4 2.9-5z"/>',  # noqa: E501 - one drawing
}

CAPS: Final[dict[str, str]] = {
    "red": "#c8102e",
    "yellow": "#f2b700",
    "gold": "#d9a300",
    "lavender": "#9a6fb0",
    "purple": "#7b4a94",
    "light blue": "#7fbfe6",
    "blue": "#1f5fa8",
    "royal blue": "#22409a",
    "green": "#2e8b3d",
    "grey": "#8a9097",
    "pink": "#eb8fae",
    "black": "#23272b",
    "brown": "#7a4a26",
    "orange": "#ea7a1a",
    "white": "#f6f7f8",
    "clear": "#dfe7ec",
}
"""Cap colours by the words that ISO 6710:2017 and catalogues use; a drawing never stands without the word."""


def cap_colour(name: str) -> str:
    """A #rrggbb as it is; else the paint of the first colour word ('yellow/gold (or red)'); else clear."""
    if re.fullmatch(r"#[0-9a-fA-F]{6}", name):
        return name
    text = name.lower().replace("gray", "grey")
    found = [(text.index(word), -len(word), paint) for word, paint in CAPS.items() if word in text]
    return min(found)[2] if found else CAPS["clear"]
