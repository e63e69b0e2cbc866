"""What of an unfinished package is still as the region is now."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from aliquot.oversight.handover.rules.carrying import Carrying
from aliquot.oversight.handover.rules.manifest import Part


def is_kept(
    part: Part, *, table: str, how: Carrying, changed: Mapping[str, Sequence[int]], settled: Mapping[str, int]
) -> bool:
    """Whether no row between the part's least and greatest key was added, changed or removed since.

    `changed`: table: keys, in their order; for a chain of the audit its later blocks. `settled`: as in Marks.
    """
    if part.low is None or part.high is None:
        return False
    if how in (Carrying.CHANGED, Carrying.CHAIN):
        keys = changed.get(table, ())
        place = bisect_left(keys, part.low)
        return place == len(keys) or keys[place] > part.high
    return how is Carrying.ADDED and part.high <= settled.get(table, part.low - 1)
