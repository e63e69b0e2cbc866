"""Sessions kept in the database, each visible only to the browser that brings its key."""

from pathlib import Path
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import transaction

from aliquot.foundation import sql_files
from aliquot.registers.people.models import SignInSession

SQL = Path(__file__).parent / "sql"


class SessionStore(DatabaseStore):
    """Django's own store; before each visit to the table it tells row security which key it holds."""

    @classmethod
    def get_model_class(cls) -> type[SignInSession]:
        return SignInSession

    def _get_session_from_db(self) -> Any:
        with transaction.atomic():
            _show_key(self.session_key)
            return super()._get_session_from_db()  # type: ignore[misc]

    def exists(self, session_key: str) -> bool:
        with transaction.atomic():
            _show_key(session_key)
            return super().exists(session_key)

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        if self.session_key is None:
            return self.create()
        with transaction.atomic():
            _show_key(self.session_key)
            super().save(must_create)
        return None

    def delete(self, session_key: str | None = None) -> None:
        with transaction.atomic():
            _show_key(session_key or self.session_key)
            super().delete(session_key)


def _show_key(key: str | None) -> None:
    sql_files.fetch_rows(SQL, "show_session", key=key or "")
