"""The house rules that a machine can hold: folders, lengths, docstrings, cursors, paths. Reasons stand by exceptions."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import aliquot

PACKAGE = Path(aliquot.__file__).parent
ROOT = PACKAGE.parents[1]
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
STATEMENTS = sorted(PACKAGE.rglob("*.sql"))
PACKAGES = sorted(path.parent for path in MODULES if path.name == "__init__.py")
DOMAINS = sorted(
    path for stratum in ("flow", "registers") for path in (PACKAGE / stratum).iterdir() if path.is_dir()
)

MOST_LINES = 400
LONG: dict[str, str] = {}
SIX = {"models", "rules", "queries", "actions", "jobs", "sql"}
BESIDE: dict[str, str] = {
    "__init__": "what the package is",
    "__pycache__": "Python's own",
    "locale": "what the package says in Russian",
    "registers/catalogue/data": "the catalogue itself, edited by laboratory people",
    "registers/network/data": "the demonstration region",
    "flow/verification/data": "the rules as shipped, read by laboratory people",
    "registers/people/sign_in": "Django asks for a backend by its path",
    "registers/people/sessions": "Django asks for a session store by its path",
    "flow/instruments/drivers": "one folder of data per analyzer model",
    "flow/reports/documents": "the printed form with its fonts and words",
}
VAGUE = {"utils", "helpers", "common", "misc", "base", "manager", "managers", "util", "helper", "tools"}
MOST_STATEMENTS = 15
LONG_VIEWS: dict[str, str] = {}
CURSOR = re.compile(r"\.cursor\(")
OUTSIDE_FOUNDATION: dict[str, str] = {
    "entrypoints/bench/session.py": "COPY for the benchmark, over a connection of its own",
    "entrypoints/bench/results/bare.py": "the bare pipeline that the program is compared with",
}
MACHINE = re.compile(r"""(?<![\w.}])(?:/(?:home|root|Users|work|opt|mnt|media)/\w|/tmp/\w|[A-Z]:\\\w)""")
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|crates\.io|proxy\.golang", re.IGNORECASE
)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def inside(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def kept_texts() -> Iterator[tuple[str, str]]:
    """Every text that is kept in the repository, with its path."""
    paths = []
    if shutil.which("git"):
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
        paths = listed.stdout.split("\n")
    for name in filter(None, paths) if any(paths) else (named(path) for path in [*MODULES, *TESTS]):
        try:
            yield name, (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue


def views(path: Path) -> Iterator[tuple[str, int]]:
    """Name and number of statements of each view in a module: a function whose first argument is the request."""
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef) and node.args.args[:1] and node.args.args[0].arg == "request":
            body = node.body[1:] if ast.get_docstring(node) else node.body
            yield (
                f"{inside(path)}: {node.name}",
                sum(isinstance(n, ast.stmt) for s in body for n in ast.walk(s)),
            )


def test_no_file_is_longer_than_a_person_reads() -> None:
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in [*MODULES, *TESTS]}
    too_long = {name: lines for name, lines in lengths.items() if lines > MOST_LINES}
    assert too_long.keys() == LONG.keys()


@pytest.mark.parametrize("package", DOMAINS, ids=inside)
def test_a_package_is_made_of_the_six(package: Path) -> None:
    there = {path.stem if path.suffix == ".py" else path.name for path in package.iterdir()}
    others = {
        name for name in there - SIX if name not in BESIDE and f"{inside(package)}/{name}" not in BESIDE
    }
    assert others == set()


def test_exceptions_are_needed() -> None:
    kept = {name for name in BESIDE if "/" in name}
    assert {
        name for name in kept if not ((PACKAGE / name).exists() or (PACKAGE / f"{name}.py").exists())
    } == set()


def test_no_module_is_a_drawer_for_everything() -> None:
    assert [inside(path) for path in MODULES if {path.stem, *path.relative_to(PACKAGE).parts} & VAGUE] == []


def test_cursors_stay_in_the_foundation() -> None:
    used = {inside(path) for path in MODULES if CURSOR.search(path.read_text(encoding="utf-8"))}
    assert {name for name in used if not name.startswith("foundation/")} == OUTSIDE_FOUNDATION.keys()


@pytest.mark.parametrize("package", PACKAGES, ids=named)
def test_every_package_says_what_it_is(package: Path) -> None:
    assert ast.get_docstring(tree(package / "__init__.py"))


def test_every_folder_of_modules_is_a_package() -> None:
    assert [inside(path) for path in MODULES if not (path.parent / "__init__.py").exists()] == []


@pytest.mark.parametrize("path", STATEMENTS, ids=inside)
def test_every_statement_says_what_it_does(path: Path) -> None:
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    assert re.match(r"-- \S+", first), "the first line is a sentence"


def test_a_statement_stands_in_a_folder_of_statements() -> None:
    assert [inside(path) for path in STATEMENTS if path.parent.name != "sql"] == []


def test_every_statement_is_used() -> None:
    words = " ".join(path.read_text(encoding="utf-8") for path in MODULES)
    assert [
        inside(path) for path in STATEMENTS if f'"{path.stem}"' not in words and path.name not in words
    ] == []


def test_no_import_is_relative() -> None:
    relative = [
        f"{named(path)}:{node.lineno}"
        for path in [*MODULES, *TESTS]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_views_are_short() -> None:
    pages = [path for path in MODULES if path.stem == "views" or path.parent.name == "views"]
    counted = dict(view for path in pages for view in views(path))
    assert len(counted) > 50
    assert {name for name, statements in counted.items() if statements > MOST_STATEMENTS} == LONG_VIEWS.keys()


def test_nothing_knows_the_machine_it_was_written_on() -> None:
    own = named(Path(__file__))
    found = [(name, hit[0]) for name, text in kept_texts() if name != own for hit in MACHINE.finditer(text)]
    assert found == []


def test_no_registry_is_named() -> None:
    own = named(Path(__file__))
    assert [name for name, text in kept_texts() if name != own and REGISTRIES.search(text)] == []


def test_a_machine_runs_what_the_readme_tells() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").strip().splitlines()
    command = script[-1].removeprefix("exec ")
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    assert re.search(
        rf"^\s*{re.escape(command)}\s*(#.*)?$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert re.search(r"^test:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_tests_see_what_they_look_for(tmp_path: Path) -> None:
    for text in ('open("/work/main/x")', "cd /home/anna", "look at /tmp/out", r"C:\data"):
        assert MACHINE.search(text), text
    for text in ("{home}/work/main", "https://example.org/work/x", "Path('.aliquot') / 'tmp'"):
        assert not MACHINE.search(text), text
    assert CURSOR.search("with connection.cursor() as c:")
