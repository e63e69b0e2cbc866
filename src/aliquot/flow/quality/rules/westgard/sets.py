"""Sets of control rules to choose from, and how a set goes about runs that it rejected."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from aliquot.flow.quality.rules.westgard.definitions import KNOWN, Check, checks_of
from aliquot.registers.catalogue.rules.calculators.quantities import InputError


class Counting(StrEnum):
    """What later runs make of a rejected one.

    `EVERY_RUN` reads a recorded series as it is: for a chart, a review, and the definitions themselves.
    `WITHOUT_REJECTED` is the bench's: a rejected run is kept and shown, later runs do not count it, since
    it describes an error that was found and not the process that goes on; what was not mended is found again
    in the next run. `AFRESH` forgets all that was before a rejection: right only where every rejection is
    followed by a repair, because a shift then needs its whole series again. Rules over runs assume one stable
    process: after calibration, repair or a new target counting begins with an empty history in any case.
    """

    EVERY_RUN = "every_run"
    WITHOUT_REJECTED = "without_rejected"
    AFRESH = "afresh"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules that reject and rules that warn; `is_screened`: looked at only in a run that gives a warning."""

    name: str
    rejecting: tuple[Check, ...]
    warning: tuple[Check, ...] = ()
    counting: Counting = Counting.EVERY_RUN
    is_screened: bool = False

    @property
    def depth(self) -> int:
        """How many earlier values of each level the set needs: all that has to be kept."""
        return max((one.depth for one in (*self.rejecting, *self.warning)), default=0)


def rule_set(
    rejecting: Iterable[str],
    warning: Iterable[str] = (),
    *,
    name: str = "own",
    counting: Counting = Counting.WITHOUT_REJECTED,
    is_screened: bool = False,
) -> RuleSet:
    """A set of rules by name, as a plan of the laboratory holds them; InputError names an unknown one."""
    return RuleSet(name, checks_of(rejecting), checks_of(warning), counting, is_screened)


def shipped(name: str, levels: int = 2) -> RuleSet:
    """One of the shipped sets, for this many levels; InputError lists them.

    `all`: every rule of the family, 1-2s as a warning. `westgard`: the classic multirule (Westgard 1981), for
    three levels 1-3s/2of3-2s/R-4s/3-1s/6-x. `manual`: the same by hand, where 1-2s begins the inspection.
    `gost`: GOST R 53133.2-2008, Order 45 of 2000: warning 1-2s, signs 1-3s, 2-2s, R-4s, 4-1s, 10-x.
    """
    wanted = _known_as(name)
    family = "three" if levels >= _THREE else "two"
    if wanted == "all":
        return rule_set([*KNOWN[1:], "R-4s(range)"], ["1-2s"], name="all", counting=Counting.EVERY_RUN)
    if wanted == "gost":
        return rule_set(_CLASSIC["two"], ["1-2s"], name="gost")
    if wanted in {"westgard", "manual"}:
        return rule_set(_CLASSIC[family], ["1-2s"], name=wanted, is_screened=wanted == "manual")
    raise InputError(f"rules: {name!r} is no set of rules; there is {', '.join(SHIPPED)}.")


def is_shipped(name: str) -> bool:
    """Whether this is the name of a shipped set."""
    return _known_as(name) in SHIPPED


def _known_as(name: str) -> str:
    return _SPELLINGS.get(name.casefold().strip(), name.casefold().strip())


SHIPPED = ("all", "westgard", "manual", "gost")
_THREE = 3
_CLASSIC = {
    "two": ("1-3s", "2-2s", "R-4s", "4-1s", "10-x"),
    "three": ("1-3s", "2of3-2s", "R-4s", "3-1s", "6-x"),
}
_SPELLINGS = {
    "classic": "westgard", "multirule": "westgard", "everything": "all", "any": "all", "russian": "gost",
    "order45": "gost", "order 45": "gost", "гост": "gost", "gost r 53133.2": "gost", "гост р 53133.2": "gost",
}  # fmt: skip
