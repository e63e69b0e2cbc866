"""Nested analysis of variance of any depth, balanced or not: the components of an imprecision.

Source: Searle, Casella, McCulloch, Variance Components (1992), sections 3.5 and 5.3 (type-1 sums of squares
equated with
their expectations); CLSI EP05-A3, section 3.8 and appendix A; Satterthwaite, Biometrics Bulletin 1946;2:110.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from aliquot.oversight.studies.rules.findings import Unusable

ERROR = "error"
NO_FREEDOM = (
    "%(factor)s: nothing varies within the level above it, so its share cannot be told. "
    "Leave the column out, or measure at least twice in each group."
)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Component:
    """One level of the nesting; `raw` is the estimate before a negative one is set to 0."""

    name: str
    df: int
    ss: float
    ms: float
    variance: float
    raw: float


@dataclass(frozen=True, slots=True)
class Spread:
    """A standard deviation with its degrees of freedom and two-sided confidence interval."""

    variance: float
    sd: float
    df: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Nested:
    """The finished analysis; `weights` turn mean squares into components, row by row."""

    n: int
    mean: float
    components: tuple[Component, ...]
    weights: tuple[tuple[float, ...], ...]

    @property
    def total(self) -> float:
        """The sum of the components, negative ones counted as 0."""
        return sum(one.variance for one in self.components)

    def spread(self, names: Sequence[str], alpha: float) -> Spread:
        """The SD of the named components together, with Satterthwaite's degrees of freedom."""
        chosen = [index for index, one in enumerate(self.components) if one.name in names]
        variance = sum(self.components[index].variance for index in chosen)
        share = np.asarray(self.weights)[chosen].sum(axis=0)
        squares = share * [one.ms for one in self.components]
        doubt = float((squares**2 / [one.df for one in self.components]).sum())
        df = float(squares.sum()) ** 2 / doubt if doubt else float(self.components[-1].df)
        return interval(variance, max(df, 1.0), alpha)


def interval(variance: float, df: float, alpha: float) -> Spread:
    """The chi-squared interval of a variance with `df` degrees of freedom, as standard deviations."""
    low, high = (variance * df / float(stats.chi2.ppf(one, df)) for one in (1 - alpha / 2, alpha / 2))
    return Spread(variance, variance**0.5, df, low**0.5, high**0.5)


def nested_anova(factors: Mapping[str, Sequence[str]], values: Sequence[float]) -> Nested:
    """Components of the factors, outermost first, and of the error; a label counts within the level above it.

    Raises Unusable naming a factor that has no degree of freedom.
    """
    y = np.asarray(values, dtype=np.float64)
    mean = float(y.mean())
    centred = y - mean
    groups = [np.zeros(len(y), dtype=np.intp)]
    for labels in factors.values():
        groups.append(_within(groups[-1], labels))
    groups.append(np.arange(len(y)))
    quadratics = [_quadratic(group, centred) for group in groups]
    sizes = [int(group.max()) + 1 for group in groups]
    names = [*factors, ERROR]
    frees = np.diff(sizes)
    for name, free in zip(names, frees, strict=True):
        if free < 1:
            raise Unusable(NO_FREEDOM, factor=name)
    squares = np.diff(quadratics)
    means = squares / frees
    weights = np.linalg.inv(_expectations(groups) / frees[:, None])
    raw = weights @ means
    components = tuple(
        Component(name, int(free), float(ss), float(ms), max(float(one), 0.0), float(one))
        for name, free, ss, ms, one in zip(names, frees, squares, means, raw, strict=True)
    )
    return Nested(len(y), mean, components, tuple(tuple(map(float, row)) for row in weights))


def _within(outer: npt.NDArray[np.intp], labels: Sequence[str]) -> npt.NDArray[np.intp]:
    _, codes = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    _, found = np.unique(outer * (int(codes.max()) + 1) + codes, return_inverse=True)
    return np.asarray(found)


def _quadratic(group: npt.NDArray[np.intp], centred: Floats) -> float:
    """The sum of squares of the group means, each as often as it has values."""
    sums, counts = np.bincount(group, weights=centred), np.bincount(group)
    return float((sums**2 / counts).sum())


def _expectations(groups: Sequence[npt.NDArray[np.intp]]) -> Floats:
    """How often each component (column) stands in the expected sum of squares of each level (row)."""
    levels = groups[1:]
    table = np.array([[_share(group, level) for level in levels] for group in groups])
    return np.diff(table, axis=0)


def _share(group: npt.NDArray[np.intp], level: npt.NDArray[np.intp]) -> float:
    """The trace of a level's component in the quadratic form of a grouping."""
    pairs, counts = np.unique(np.stack([group, level]), axis=1, return_counts=True)
    whole = np.bincount(group)
    return float((counts**2 / whole[pairs[0]]).sum())
