"""The fonts that labels and reports are set in; they hold Cyrillic and travel with the program."""

from pathlib import Path

FOLDER = Path(__file__).parent
FAMILY = "PT Sans"
REGULAR = FOLDER / "PTS55F.ttf"
BOLD = FOLDER / "PTS75F.ttf"
NARROW_BOLD = FOLDER / "PTN77F.ttf"
