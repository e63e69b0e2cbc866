"""Chance with a seed: which of the wanted faults strikes now, and how often each has struck."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from aliquot.entrypoints.simulate.faults.catalogue import FAULTS, Strikes
from aliquot.entrypoints.simulate.faults.strokes import FORMS, STROKES

OF_A_MESSAGE = frozenset({"repeated-message", "clock-skew"})  # the others are about what it says of a tube


@dataclass(slots=True)
class Chaos:
    """The faults of one device: probabilities by name, one source of chance, a count of what was done."""

    probabilities: Mapping[str, float] = field(default_factory=dict)
    draw: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - a simulation, not a secret
    protocol: str = "astm"
    injected: Counter[str] = field(default_factory=Counter)
    is_calm: bool = False  # nothing strikes any more

    def strikes(self, name: str) -> bool:
        """Whether this fault happens now; it is counted when the caller says it did."""
        probability = 0.0 if self.is_calm else self.probabilities.get(name, 0.0)
        fits = not FAULTS[name].protocols or self.protocol in FAULTS[name].protocols
        return bool(probability) and fits and self.draw.random() < probability

    def did(self, name: str) -> None:
        """Count a fault that was injected."""
        self.injected[name] += 1

    def happens(self, name: str) -> bool:
        """Whether this fault happens now, counted at once."""
        struck = self.strikes(name)
        if struck:
            self.did(name)
        return struck

    def sent(self, data: bytes, form: str = "") -> tuple[bytes, set[str]]:
        """What becomes of these bytes on the way out, and the faults that made it so.

        `form` is how the whole message is written: chosen once, so that each repetition is written alike.
        """
        done: set[str] = set()
        if form in FORMS:
            data = FORMS[form](data, self.draw, self.protocol) or data
        for name, stroke in STROKES.items():
            if not self.strikes(name):
                continue
            struck = stroke(data, self.draw, self.protocol)
            if struck is not None:
                self.did(name)
                done.add(name)
                data = struck
        return data, done

    def form(self) -> str:
        """The odd form in which one message is written, or "" for the right one."""
        for name in FORMS:
            if self.happens(name):
                return name
        return ""

    def meaning(self) -> str:
        """The one thing that is strange about what a message says, or "" for nothing."""
        for name, fault in FAULTS.items():
            if fault.strikes is Strikes.MEANING and name not in OF_A_MESSAGE and self.happens(name):
                return name
        return ""
