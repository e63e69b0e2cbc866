"""Compiled gettext catalogues: a .mo beside every .po, made when it is missing or older."""

import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

PACKAGE = Path(__file__).resolve().parents[1]
PATTERN = "locale/*/LC_MESSAGES/django.po"


class BrokenCatalogue(ValueError):  # noqa: N818  the name states the fact, as Refused does
    """A catalogue cannot be read; the message names the file and the line."""


def compile_catalogues(root: Path = PACKAGE) -> list[Path]:
    """Return the .mo files written below `root`: one for each .po that has none or a newer text.

    Safe in several processes at once. Raises BrokenCatalogue for a text that gettext could not read.
    """
    return [_compile(po) for po in sorted(root.rglob(PATTERN)) if _is_stale(po)]


def _is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime


def _compile(po: Path) -> Path:
    mo = po.with_suffix(".mo")
    try:
        with po.open("rb") as text:
            catalogue = read_po(text, locale=po.parents[1].name, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise BrokenCatalogue(f"{po}: {error}") from error
    with tempfile.NamedTemporaryFile(dir=mo.parent, delete=False) as half:
        write_mo(half, catalogue)
    half_path = Path(half.name)
    half_path.chmod(0o644)
    half_path.replace(mo)
    return mo


if __name__ == "__main__":
    compile_catalogues()
