"""Allowable bias and allowable total error: absolute, in percent of the level, or the greater of both.

Source: CLSI EP09c, section on clinically acceptable bias; Westgard, Basic Method Validation: half of the
allowable total
error for bias, a quarter for imprecision, unless the laboratory states other shares.
"""

from dataclasses import dataclass

from aliquot.oversight.studies.rules.given import Given

SHARE_OF_BIAS = 0.5


@dataclass(frozen=True, slots=True)
class Allowable:
    """What may be: a difference, a percentage, or the greater of both where both are given."""

    absolute: float | None = None
    percent: float | None = None

    def at(self, level: float) -> float | None:
        """The limit at a level, in its unit; None where nothing is allowed or known."""
        found = [] if self.absolute is None else [self.absolute]
        if self.percent is not None:
            found.append(abs(level) * self.percent / 100)
        return max(found, default=None)

    def part(self, share: float) -> "Allowable":
        """A share of it."""
        return Allowable(*(None if one is None else one * share for one in (self.absolute, self.percent)))

    def __bool__(self) -> bool:
        return self.absolute is not None or self.percent is not None


NOTHING_STATED = Allowable()


def allowable_total_error(given: Given) -> Allowable:
    """TEa of a plan: `tea` in the unit of the values, `tea_percent` of the level."""
    return Allowable(
        given.number("tea", "tea_absolute", "allowable_total_error", "tea_abs", above=0),
        given.number("tea_percent", "tea_pct", "allowable_total_error_percent", above=0),
    )


def allowable_bias(given: Given) -> Allowable:
    """The allowable bias of a plan; half of the allowable total error where only that is stated."""
    found = Allowable(
        given.number("allowable_bias", "allowable_difference", "bias_limit", "max_bias", "adl", above=0),
        given.number("allowable_bias_percent", "allowable_bias_pct", "bias_limit_percent",
                     "allowable_difference_percent", "adl_percent", above=0),
    )  # fmt: skip
    total = allowable_total_error(given)
    share = given.number("bias_share", default=SHARE_OF_BIAS, above=0, below=1)
    return found or total.part(share if share is not None else SHARE_OF_BIAS)
