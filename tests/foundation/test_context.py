"""Who acts is known to the database for exactly as long as they act."""

import pytest
from django.db import connection, transaction

from aliquot.foundation.context import acting, current_actor
from aliquot.registers.network.models import Site
from tests.processes import LiveRegion
from tests.regions import LOADER


def told() -> tuple[str, str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting('aliquot.actor', true), ''),"
            " coalesce(current_setting('aliquot.permissions', true), ''),"
            " coalesce(current_setting('aliquot.sites', true), '')"
        )
        actor, permissions, sites = cursor.fetchone()
        return str(actor), str(permissions).strip(","), str(sites).strip("{}")


@pytest.mark.django_db
def test_nobody_inherits_the_rights_of_who_acted_before_in_the_transaction() -> None:
    with transaction.atomic():
        with acting(LOADER):
            assert Site.objects.exists()
        assert told() == ("", "", "")
        assert not Site.objects.exists()


@pytest.mark.django_db
def test_an_outer_actor_returns_also_after_a_fault() -> None:
    other = type(LOADER)(key="system:other", name="other", sites=frozenset({7}))
    with acting(other):
        with pytest.raises(ValueError, match="broken"), acting(LOADER):
            raise ValueError("broken")
        assert told() == ("system:other", "*", "7")
        assert current_actor() == other
    assert told() == ("", "", "")


def test_a_connection_that_is_used_again_knows_nobody(live_region: LiveRegion) -> None:
    with acting(LOADER):
        assert Site.objects.exists()
    assert told() == ("", "", "")
