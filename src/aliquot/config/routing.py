"""The schema belongs to the owner: the application's connection never migrates."""

from typing import Any


class OwnerMigrates:
    """Migrations go through the owner's connection alone."""

    def allow_migrate(self, db: str, app_label: str, **_: Any) -> bool:  # noqa: ARG002 - Django's signature
        return db == "owner"
