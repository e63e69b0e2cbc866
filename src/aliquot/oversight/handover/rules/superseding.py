"""Which rows of a package still count when increments follow it."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aliquot.oversight.handover.rules.carrying import Carrying
from aliquot.oversight.handover.rules.manifest import Manifest, Part, Relation

Named = Mapping[str, Sequence[int]]
"""Table: the keys that a package removes before it adds its own rows."""


@dataclass(frozen=True, slots=True)
class Later:
    """What came after a package: the keys that later ones name, in order; the last id that counts, if any."""

    keys: tuple[int, ...]
    until: int | None

    def touches(self, part: Part) -> bool:
        """Whether some row of the part may no longer count."""
        if part.low is None or part.high is None:
            return False
        if self.until is not None and part.high > self.until:
            return True
        place = bisect_left(self.keys, part.low)
        return place < len(self.keys) and self.keys[place] <= part.high

    def counts(self, key: int) -> bool:
        """Whether the row with this key is still as the package has it."""
        if self.until is not None and key > self.until:
            return False
        place = bisect_left(self.keys, key)
        return place == len(self.keys) or self.keys[place] != key


def later_of(
    relation: Relation, packages: Sequence[Manifest], place: int, named: Sequence[Named]
) -> Later | None:
    """What came after the package at this place; None when a later one holds the table whole."""
    if place == len(packages) - 1:
        return Later((), None)
    if relation.how == Carrying.WHOLE:
        return None
    keys = {key for one in named[place + 1 :] for key in one.get(relation.table, ())}
    until = packages[place].marks.settled.get(relation.table) if relation.how == Carrying.ADDED else None
    return Later(tuple(sorted(keys)), until)
