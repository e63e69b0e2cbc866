"""A plugin of pytest, `-p tests.pure`: only the tests that ask for no database, process or browser run."""

import pytest

ENDS = {"db", "transactional_db", "django_db_setup"}


def is_pure(item: pytest.Item) -> bool:
    """Fixtures are named with those that they ask for themselves, so `region` counts as `db` does."""
    return item.get_closest_marker("django_db") is None and not ENDS & set(getattr(item, "fixturenames", ()))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    config.hook.pytest_deselected(items=[item for item in items if not is_pure(item)])
    items[:] = [item for item in items if is_pure(item)]
