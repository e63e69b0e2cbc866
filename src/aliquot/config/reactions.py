"""The one page: which event starts which job. Each job takes the subjects' ids and when."""

from collections.abc import Callable
from datetime import datetime

Job = Callable[[list[int], datetime], object]

REACTIONS: dict[str, Job] = {}
