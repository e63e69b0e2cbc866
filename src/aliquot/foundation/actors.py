"""Who acts: a person at a site, or one of the program's own processes."""

from dataclasses import dataclass

from aliquot.foundation.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is behind a change: `key` goes to the audit, `sites` to row security, `permissions` to actions."""

    key: str
    name: str
    sites: frozenset[int] = frozenset()
    permissions: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    person_id: int | None = None
    site_id: int | None = None
    language: str = "en"

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Raise Forbidden, naming the permission, when the actor lacks it."""
        if permission not in self.permissions:
            raise Forbidden(f"{self.name} may not {permission.replace('_', ' ')}.")


@dataclass(frozen=True, slots=True)
class SystemActor(Actor):
    """A process of the program; it holds every permission and is named in the audit as system:<name>."""

    key: str = "system"
    name: str = "system"
    permissions: frozenset[str] = frozenset({"*"})

    def may(self, permission: str) -> bool:  # noqa: ARG002 - one shape with Actor
        return True

    def require(self, permission: str) -> None:
        """Grant: processes run rules that people approved."""


def system_actor(name: str, sites: frozenset[int] = frozenset()) -> SystemActor:
    """The actor of a process, working for these sites."""
    return SystemActor(key=f"system:{name}", name=name, sites=sites)
