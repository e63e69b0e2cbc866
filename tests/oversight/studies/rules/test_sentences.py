"""Every sentence of the studies is said in Russian: the constants of the modules, and what stands in their gaps."""

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

from aliquot.oversight.studies import rules

FOLDER = Path(rules.__file__).parent
CALLS = {"reason", "_mean_column"}


def sentences(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        found: ast.expr | None = None
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id.isupper()
        ):
            found = node.value
        if isinstance(node, ast.keyword) and node.arg == "wanted":
            found = node.value
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in CALLS
            and node.args
        ):
            found = node.args[-1] if node.func.id == "_mean_column" else node.args[0]
        if isinstance(found, ast.Constant) and isinstance(found.value, str) and found.value.strip():
            yield found.value


def test_all_of_them_are_in_the_catalogue() -> None:
    with (FOLDER / "locale/ru/LC_MESSAGES/django.po").open("rb") as text:
        known = {str(message.id) for message in read_po(text, locale="ru") if message.string}
    said = {
        one for path in FOLDER.glob("*.py") for one in sentences(ast.parse(path.read_text(encoding="utf-8")))
    }
    words = {one for one in said if " " in one}
    assert len(words) > 80
    assert words - known == set()
