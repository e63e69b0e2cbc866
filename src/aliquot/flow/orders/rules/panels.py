"""From what was asked for to the tests that are measured."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

NEEDED = "needed:"
"""Begins what is kept of a test that nobody asked for: a computed test is worked out from it."""


@dataclass(frozen=True, slots=True)
class ExpandedTest:
    """A test once, and the requested panels that brought it, outermost, in the order they were asked for.

    `panels` is empty when the test was only asked for by itself; `needed_for` is the computed test that is
    worked out from it, where nobody asked for it.
    """

    code: str
    panels: tuple[str, ...] = ()
    needed_for: str = ""

    @property
    def added_by(self) -> str:
        """What the test of the order keeps of its origin; empty for what was asked for."""
        return f"{NEEDED}{self.needed_for}" if self.needed_for else ""


@dataclass(frozen=True, slots=True)
class Expansion:
    """The tests in order, each once; codes nobody knows; panels that contain themselves and where."""

    tests: tuple[ExpandedTest, ...]
    unknown: tuple[str, ...] = ()
    circular: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether every code led to tests."""
        return not self.unknown and not self.circular


def expand(
    requested: Iterable[str], panels: Mapping[str, Sequence[str]], tests: Collection[str]
) -> Expansion:
    """The tests that `requested` codes mean, in the order they are first met, each once.

    `panels` maps a panel to its members, which may be panels; `tests` are the known test codes. A code that
    is neither is named in `unknown`; a panel that leads back to itself is named in `circular` and cut
    there, so everything else is still expanded. Every test keeps all the requested panels it came from.
    Source: IHE PaLM TF-1, Laboratory Testing Workflow: an order group expands to ordered batteries.
    """
    origins: dict[str, dict[str, None]] = {}
    faults: dict[str, dict[str, None]] = {"unknown": {}, "circular": {}}
    for asked in requested:
        for kind, code in _walk(asked, panels, tests, ()):
            if kind == "test":
                came_from = origins.setdefault(code, {})
                came_from |= {asked: None} if asked in panels else {}
            else:
                faults[kind][code] = None
    expanded = tuple(ExpandedTest(code, tuple(came_from)) for code, came_from in origins.items())
    return Expansion(expanded, tuple(faults["unknown"]), tuple(faults["circular"]))


def with_inputs(
    expansion: Expansion, inputs: Mapping[str, Sequence[str]], present: Collection[str] = ()
) -> Expansion:
    """The expansion, and after it what its computed tests are worked out from, unless it is `present`.

    `inputs` are those of each computed test; one that is itself computed brings its own.
    Source: ISO 15189:2022, 7.2.3 (a request says all that its examinations need).
    """
    tests = list(expansion.tests)
    known = {one.code for one in tests} | set(present)
    for one in tests:  # it grows while it is walked
        for code in inputs.get(one.code, ()):
            if code not in known:
                known.add(code)
                tests.append(ExpandedTest(code, needed_for=one.code))
    return replace(expansion, tests=tuple(tests))


def needed_for(added_by: str) -> str:
    """The computed test for which a test was added; empty when it was added by anything else."""
    return added_by.removeprefix(NEEDED) if added_by.startswith(NEEDED) else ""


def _walk(
    code: str, panels: Mapping[str, Sequence[str]], tests: Collection[str], above: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Every leaf below `code`, as ("test" | "unknown" | "circular", code)."""
    if code in above:
        yield "circular", code
    elif code in panels:
        for member in panels[code]:
            yield from _walk(member, panels, tests, (*above, code))
    else:
        yield ("test" if code in tests else "unknown"), code
