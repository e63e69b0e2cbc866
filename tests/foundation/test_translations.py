import gettext
import os
from pathlib import Path

import pytest

from aliquot.foundation.translations import BrokenCatalogue, compile_catalogues

RUSSIAN = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"

msgid "Release"
msgstr "Выдать"

msgctxt "of a specimen"
msgid "Release"
msgstr "Отпустить"

#, fuzzy
msgid "Amend"
msgstr "Неверно"

msgid "%d tube"
msgid_plural "%d tubes"
msgstr[0] "%d пробирка"
msgstr[1] "%d пробирки"
msgstr[2] "%d пробирок"
"""


@pytest.fixture
def po(tmp_path: Path) -> Path:
    file = tmp_path / "flow" / "reports" / "locale" / "ru" / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True)
    file.write_text(RUSSIAN, encoding="utf-8")
    return file


def read(po: Path) -> gettext.GNUTranslations:
    with po.with_suffix(".mo").open("rb") as compiled:
        return gettext.GNUTranslations(compiled)


def test_gettext_reads_what_was_compiled(tmp_path: Path, po: Path) -> None:
    assert compile_catalogues(tmp_path) == [po.with_suffix(".mo")]
    russian = read(po)
    assert russian.gettext("Release") == "Выдать"
    assert russian.pgettext("of a specimen", "Release") == "Отпустить"
    assert [russian.ngettext("%d tube", "%d tubes", n) % n for n in (1, 3, 11, 21)] == [
        "1 пробирка",
        "3 пробирки",
        "11 пробирок",
        "21 пробирка",
    ]


def test_a_fuzzy_translation_is_not_shown(tmp_path: Path, po: Path) -> None:
    compile_catalogues(tmp_path)
    assert read(po).gettext("Amend") == "Amend"


def test_only_a_newer_text_is_compiled_again(tmp_path: Path, po: Path) -> None:
    compile_catalogues(tmp_path)
    assert compile_catalogues(tmp_path) == []
    po.write_text(RUSSIAN.replace("Выдать", "Выпустить"), encoding="utf-8")
    later = po.with_suffix(".mo").stat().st_mtime + 1
    os.utime(po, (later, later))
    assert compile_catalogues(tmp_path) == [po.with_suffix(".mo")]
    assert read(po).gettext("Release") == "Выпустить"


def test_a_text_left_in_the_middle_of_a_merge_is_named(tmp_path: Path, po: Path) -> None:
    po.write_text(f"{RUSSIAN}\n<<<<<<< HEAD\n", encoding="utf-8")
    with pytest.raises(BrokenCatalogue, match=r"django\.po"):
        compile_catalogues(tmp_path)
    assert not po.with_suffix(".mo").exists()
