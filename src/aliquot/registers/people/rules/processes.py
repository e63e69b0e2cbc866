"""What the program's own processes are called where a step names who took it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SYSTEM: Final = "system:"
PROCESSES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "worker": ("the rules", "правила"),
        "links": ("the analyzer line", "линия анализаторов"),
        "setup": ("setup", "настройка"),
        "referral": ("another region's laboratory", "лаборатория другого региона"),
        "post": ("the post between nodes", "почта между узлами"),
        "installation": ("the installation", "установка"),
        "demonstration": ("the demonstration", "демонстрация"),
        "evaluation": ("the evaluation of studies", "оценка исследований"),
        "sign-in": ("the sign-in", "вход в систему"),
    }
)
"""The English and the Russian words for the first part of a process's name."""


def words_of_process(key: str) -> tuple[str, str] | None:
    """The English and Russian words for `system:worker`; its own name when not listed, None for a person."""
    if not key.startswith(SYSTEM):
        return None
    name = key.removeprefix(SYSTEM)
    return PROCESSES.get(name.partition(":")[0], (name, name))
