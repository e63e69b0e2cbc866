"""What each kind of rule says, checked and frozen; `code` is the rule's own, kept with every reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from aliquot.flow.verification.rules.expressions.expression import Expression
from aliquot.flow.verification.rules.population import EVERYBODY, Population

Mode = Literal["absolute", "percent", "rate", "rate_percent", "rcv"]
Direction = Literal["both", "increase", "decrease"]
FlagAction = Literal["ignore", "comment", "hold", "rerun", "suppress"]
Index = Literal["H", "I", "L"]
Above = Literal["dilute", "hold", "report"]
Below = Literal["hold", "report"]
Missing = Literal["hold", "skip"]
Consent = Literal["policy", "ask"]
EVERY_TEST = "*"
LOOK_BACK_DAYS = 92
"""Days before its collection in which a decision looks for an earlier value: no window of a rule is longer:
each month further back costs every result another look. Whoever decides by older values raises this.
"""


@dataclass(frozen=True, slots=True)
class Span:
    """A lower and an upper limit, both inside; None where there is none."""

    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a test; a span that is None is taken from the next less specific rule."""

    code: str
    autoverification: Span | None = None
    critical: Span | None = None
    absurd: Span | None = None
    is_from_catalogue: bool = False


@dataclass(frozen=True, slots=True)
class Delta:
    """The change that is allowed: up and down in percent or in the unit, within `window`."""

    code: str
    mode: Mode = "percent"
    limit_up: Decimal = Decimal(0)
    limit_down: Decimal = Decimal(0)
    window: timedelta = timedelta(0)
    direction: Direction = "both"
    is_from_catalogue: bool = False


@dataclass(frozen=True, slots=True)
class Quality:
    """What the state of the analyzer must be."""

    code: str
    qc: frozenset[str] = frozenset({"in_control", "no_plan"})
    calibration: bool = True
    reagent: bool = True


@dataclass(frozen=True, slots=True)
class Flags:
    """What each named flag of an analyzer brings; `most` bounds the runs of one test."""

    code: str
    on: Mapping[str, FlagAction] = field(default_factory=dict)
    most: int = 2
    text_en: str = ""
    text_ru: str = ""


@dataclass(frozen=True, slots=True)
class MeasuringRange:
    """What the method can measure undiluted, and what follows beyond it."""

    code: str
    low: Decimal | None = None
    high: Decimal | None = None
    above: Above = "hold"
    below: Below = "hold"
    dilutions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Indices:
    """How much an index of the specimen changes the test: pairs (level, percent) by own measurement."""

    code: str
    index: Index
    bias: tuple[tuple[Decimal, Decimal], ...] = ()
    analytical_percent: Decimal | None = None
    rcv_percent: Decimal | None = None
    suppress_from: Decimal | None = None
    missing: Missing = "hold"


@dataclass(frozen=True, slots=True)
class Swap:
    """Tests whose common change points to another patient's tube: per test (limit in percent, weight)."""

    code: str
    limits: Mapping[str, tuple[Decimal, Decimal]]
    least: int
    threshold: Decimal
    window: timedelta


@dataclass(frozen=True, slots=True)
class Consistency:
    """A condition that no fit specimen meets; with `call` off no critical call is opened on its values."""

    code: str
    when: Expression
    suppress: bool = False
    missing: Missing = "skip"
    call: bool = True
    text_en: str = ""
    text_ru: str = ""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Patients whose results always wait for a person."""

    code: str
    text_en: str = ""
    text_ru: str = ""


@dataclass(frozen=True, slots=True)
class Rerun:
    """When a test is measured again, and how near the second run must come for the first to be kept."""

    code: str
    when: Expression
    most: int = 2
    agree_percent: Decimal | None = None
    agree_absolute: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Reflex:
    """Tests to be added: how they are billed, whether the requester is asked, how often at most."""

    code: str
    when: Expression
    add: tuple[str, ...]
    bill: bool = True
    consent: Consent = "policy"
    most: int = 1


@dataclass(frozen=True, slots=True)
class Comment:
    """Words beside the result when the condition is met."""

    code: str
    when: Expression
    text_en: str
    text_ru: str


Body = (
    Limits
    | Delta
    | Quality
    | Flags
    | MeasuringRange
    | Indices
    | Swap
    | Consistency
    | Exclusion
    | Rerun
    | Reflex
    | Comment
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a set: for which tests and patients, from which source, and what it says."""

    code: str
    kind: str
    tests: tuple[str, ...]
    source: str
    body: Body
    population: Population = EVERYBODY

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """How specific it is: the catalogue's last, a rule that names its tests first, then by conditions."""
        is_own = not (isinstance(self.body, Limits | Delta) and self.body.is_from_catalogue)
        return (is_own, self.tests != (EVERY_TEST,), self.population.conditions)
