"""Mutation testing of the rules: `make mutation ARGS="flow/results/rules"`, see docs/reference/mutation.md.

mutmut changes one thing at a time in a copy of the tree, so nobody who works beside it is disturbed. Killed is a mutant
that some test of the same package notices; a test that then never ends has noticed too. What survives is printed with
the line as it was and as it became, unless tests/equivalent_mutants.toml says why nothing can notice it.
"""

import argparse
import ast
import difflib
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = Path("src", "aliquot")
KILLED = {1, 3}  # a test failed; pytest itself stumbled
ENDLESS = {36, 24, 152, -24}
NO_TESTS = 33
ORIGINAL = "__mutmut_orig"
PLAIN = ["-p", "tests.pure", "-p", "no:cacheprovider", "--hypothesis-profile=ci"]
TABLE = """
[tool.mutmut]
source_paths = ["src/"]
only_mutate = ["{changed}"]
also_copy = ["src", "tests", "docs", "changes", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
pytest_add_cli_args = ["-p", "tests.pure", "-p", "no:cacheprovider", "--hypothesis-profile=ci"{left_out}]
pytest_add_cli_args_test_selection = ["{tests}"]
use_git_change_detection = false
timeout_multiplier = 30.0
timeout_constant = 5.0
"""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the module below src/aliquot, the function, its line before and after."""

    module: str
    function: str
    was: str
    became: str
    killed: bool
    reached: bool


def main() -> None:
    parser = argparse.ArgumentParser(prog="make mutation", description=__doc__)
    parser.add_argument(
        "rules", nargs="*", help="folders or modules of rules below src/aliquot; all when none"
    )
    parser.add_argument("--again", action="store_true", help="print what the last run found")
    parser.add_argument(
        "--survivors", action="store_true", help="try today's tests on what survived the last run"
    )
    parser.add_argument(
        "--home", type=Path, default=ROOT / ".aliquot" / "mutation", help="where the copies stand"
    )
    given = parser.parse_args()
    asked = given.rules or [str(one.relative_to(ROOT / PACKAGE)) for one in rule_folders()]
    for one in asked:
        home = given.home.resolve() / one.removesuffix(".py").replace("/", "-")
        if given.survivors:
            run_survivors(one, home)
        elif not given.again:
            run(one, home)
        report(list(mutants(home)))


def rule_folders() -> list[Path]:
    """The six-name `rules` of every domain; the pages about rules in entrypoints are none."""
    strata = [ROOT / PACKAGE / one for one in ("flow", "registers", "foundation")]
    return sorted(one for stratum in strata for one in stratum.glob("*/rules"))


def run(asked: str, home: Path) -> None:
    """Mutate a fresh copy, in one process after the other. Raises CalledProcessError when mutmut gives up."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    leave = shutil.ignore_patterns("__pycache__", "*.pyc")
    for folder in ("src", "tests", "docs", "changes"):
        shutil.copytree(ROOT / folder, home / folder, ignore=leave)
    for page in ROOT.glob("*.md"):
        shutil.copy(page, home)
    mutate(asked, home)


def run_survivors(asked: str, home: Path) -> None:
    """The same for what survived the last run of the same rules, with rules and tests as they are now.

    What was killed stays so while its function is the same: tests are taken to be no weaker than they were.
    """
    for folder in ("src", "tests"):
        shutil.rmtree(home / folder, ignore_errors=True)
        shutil.copytree(ROOT / folder, home / folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    shutil.rmtree(home / "mutants" / "tests", ignore_errors=True)
    (home / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)  # which test reaches what
    for kept in (home / "mutants" / PACKAGE).rglob("*.py.meta"):
        said = json.loads(kept.read_text(encoding="utf-8"))
        fates = said["exit_code_by_key"]
        said["exit_code_by_key"] = {
            key: code if code in KILLED | ENDLESS else None for key, code in fates.items()
        }
        kept.write_text(json.dumps(said), "utf-8")
    mutate(asked, home)


def mutate(asked: str, home: Path) -> None:
    """Let mutmut try the mutants of the copy whose fate is not known."""
    stratum, domain = Path(asked).parts[:2]
    changed = PACKAGE / (asked if asked.endswith(".py") else f"{asked}/*")
    written = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (home / "pyproject.toml").write_text(written, "utf-8")
    tests = f"tests/{stratum}/{domain}"
    broken = failing(home, tests)
    left_out = "".join(f', "--deselect", {json.dumps(one)}' for one in broken)
    if broken:
        print("Left out, for they fail as things are:", *broken, sep="\n  ")
    table = TABLE.format(changed=changed, tests=tests, left_out=left_out)
    (home / "pyproject.toml").write_text(written + table, "utf-8")
    ran = started("mutmut", "run", "--max-children", "1", cwd=home)
    if ran.returncode:
        raise SystemExit(f"{asked}: mutmut gave up.\n{ran.stdout[-6000:]}\n{ran.stderr[-2000:]}")


def failing(home: Path, tests: str) -> list[str]:
    """The tests that fail without any mutant: another's unfinished work must not end a long run."""
    ran = started("pytest", *PLAIN, "-q", "-rf", tests, cwd=home)
    return re.findall(r"^FAILED (\S+)", ran.stdout, re.MULTILINE)


def started(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def mutants(home: Path) -> Iterator[Mutant]:
    """Every mutant of the last run there, with its fate."""
    for kept in sorted((home / "mutants" / PACKAGE).rglob("*.py.meta")):
        fates = json.loads(kept.read_text(encoding="utf-8"))["exit_code_by_key"]
        if not fates:
            continue
        path = kept.with_suffix("")
        source = path.read_text(encoding="utf-8")
        bodies = functions(source)
        module = str(path.relative_to(home / "mutants" / PACKAGE))
        for key, code in fates.items():
            name = key.rpartition(".")[2]
            plain = name.partition("__mutmut_")[0]
            was, became = difference(bodies[plain + ORIGINAL], bodies[name])
            function = plain.rpartition("ǁ")[2].removeprefix("x_")
            yield Mutant(module, function, was, became, code in KILLED | ENDLESS, code != NO_TESTS)


def functions(source: str) -> dict[str, list[str]]:
    """The lines of each function and method below its own `def`, by the name that mutmut gave it."""
    lines = source.splitlines()
    found = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.FunctionDef)]
    return {one.name: lines[one.lineno : one.end_lineno] for one in found}


def difference(before: list[str], after: list[str]) -> tuple[str, str]:
    lines = [
        one for one in difflib.unified_diff(before, after, n=0, lineterm="") if one[:3] not in {"---", "+++"}
    ]
    sides = (" ".join(one[1:].strip() for one in lines if one.startswith(sign)) for sign in "-+")
    was, became = sides
    return was, became


def explained() -> set[tuple[str, str, str]]:
    """What nothing can notice, each with its reason in the file."""
    with (ROOT / "tests" / "equivalent_mutants.toml").open("rb") as file:
        rows = tomllib.load(file).get("equivalent", [])
    return {(row["module"], row["function"], row["became"]) for row in rows}


def report(found: list[Mutant]) -> None:
    """Print the share killed of each module, then what survived."""
    same = explained()
    counted = [one for one in found if one.killed or (one.module, one.function, one.became) not in same]
    for module in sorted({one.module for one in found}):
        mine = [one for one in counted if one.module == module]
        said(module, mine, sum(one.module == module for one in found) - len(mine))
    said("together", counted, len(found) - len(counted))
    for one in counted:
        if not one.killed:
            print(f"{one.module}: {one.function}{'' if one.reached else ' (no test reaches it)'}")
            print(f"    - {one.was}\n    + {one.became}")


def said(name: str, mine: list[Mutant], same: int) -> None:
    killed = sum(one.killed for one in mine)
    share = 100 * killed / len(mine) if mine else 100
    equal = f", {same} equivalent" if same else ""
    print(f"{share:6.1f} %  {killed:5} of {len(mine):5}{equal}  {name}", flush=True)


if __name__ == "__main__":
    main()
