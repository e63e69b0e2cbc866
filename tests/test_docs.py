"""The documents name what the code has, no more and no less, and their links lead somewhere."""

import importlib
import pkgutil
import re
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management.base import BaseCommand

import aliquot
from aliquot.config.protection import TABLES
from aliquot.entrypoints import commands
from aliquot.flow.verification.rules.reasons import SENTENCES
from aliquot.registers.people.rules.permissions import PERMISSIONS

PACKAGE = Path(aliquot.__file__).parent
ROOT = PACKAGE.parents[1]
REFERENCE = ROOT / "docs" / "reference"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS = sorted(one.name for one in pkgutil.iter_modules(commands.__path__))
LINK = re.compile(r"\]\(([^)\s]+)\)")
VARIABLE = re.compile(r"\bALIQUOT_[A-Z_]*[A-Z]\b")
SETTINGS = {"ALIQUOT_PROTECTION", "ALIQUOT_REACTIONS"}  # names in Django's settings, not in the environment
INHERITED = {"migrate"}  # its options are Django's own, and its page says so


def page(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def rows(text: str) -> list[list[str]]:
    """The cells of every table line that begins with a code word."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one of its rank."""
    return text.partition(f"\n{heading}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file(path: Path) -> None:
    targets = [one.partition("#")[0] for one in LINK.findall(page(path)) if "://" not in one]
    assert [one for one in targets if one and not (path.parent / one).exists()] == []


def test_every_document_stands_in_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    named = {(index.parent / one).resolve() for one in LINK.findall(page(index)) if "://" not in one}
    assert {path for path in (ROOT / "docs").rglob("*.md") if path != index} - named == set()


def test_every_table_has_its_line() -> None:
    assert sorted(name for row in rows(page(REFERENCE / "tables.md")) for name in words(row[0])) == sorted(
        TABLES
    )


def test_every_permission_names_its_roles() -> None:
    said = {words(row[0])[0]: set(row[-1].rstrip(" |").split(", ")) for row in rows(permissions())}
    held = {one for carried in PERMISSIONS.values() for one in carried}
    assert said == {one: {role for role in PERMISSIONS if one in PERMISSIONS[role]} for one in held}


def test_permissions_that_nothing_asks_for_are_said_so() -> None:
    idle = {words(row[0])[0] for row in rows(section(permissions(), "## Named, but not asked for yet"))}
    others = [path for path in PACKAGE.rglob("*") if path.suffix in {".py", ".html", ".sql"}]
    code = "\n".join(page(path) for path in others if path.name != "permissions.py")
    held = {one for carried in PERMISSIONS.values() for one in carried}
    assert idle == {one for one in held if not re.search(rf"[\"']{one}[\"']", code)}


def permissions() -> str:
    return page(REFERENCE / "permissions.md")


def test_every_command_has_its_section() -> None:
    headings = re.findall(r"^## `aliquot ([a-z-]+)`$", page(REFERENCE / "commands.md"), re.MULTILINE)
    assert headings == [name.replace("_", "-") for name in COMMANDS]


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in INHERITED])
def test_every_option_is_named(name: str) -> None:
    said = rows(section(page(REFERENCE / "commands.md"), f"## `aliquot {name.replace('_', '-')}`"))
    assert {word.split()[0] for row in said for word in words(row[0])} == options(name)


def options(name: str) -> set[str]:
    """The command's own options, without those that every command of Django has."""
    command = importlib.import_module(f"{commands.__name__}.{name}").Command()
    return long_options(command) - long_options(BaseCommand())


def long_options(command: BaseCommand) -> set[str]:
    return set(_long_options(command.create_parser("aliquot", "")))


def _long_options(parser: ArgumentParser) -> Iterator[str]:
    """Also those of commands within the command."""
    for action in parser._actions:
        yield from (one for one in action.option_strings if one.startswith("--"))
        if isinstance(action, _SubParsersAction):
            for below in action.choices.values():
                yield from (one for one in _long_options(below) if one != "--help")


def test_every_environment_variable_is_named() -> None:
    sources = [
        *PACKAGE.rglob("*.py"),
        ROOT / "Makefile",
        ROOT / "tests" / "conftest.py",
        ROOT / "tests" / "chromium.py",
    ]
    used = {one for path in sources for one in VARIABLE.findall(page(path))} - SETTINGS
    assert set(VARIABLE.findall(page(REFERENCE / "environment.md"))) == used | {
        "ALIQUOT_APP_DATABASE_URL_FILE"
    }


def test_every_reason_to_wait_is_explained() -> None:
    said = rows(page(ROOT / "docs" / "explanation" / "how-a-result-is-released.md"))
    assert sorted(words(row[0])[0] for row in said) == sorted(SENTENCES)
