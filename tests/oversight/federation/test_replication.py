"""What both sides say of replication: nothing while it flows, the fault and the remedy when it does not."""

import psycopg
from django.conf import settings
from django.utils import timezone

from aliquot.foundation import sql_files
from aliquot.foundation.context import acting
from aliquot.oversight.federation.models import Node
from aliquot.oversight.federation.queries.replication import publishing_of, remarks, subscriptions
from aliquot.oversight.federation.rules import standing
from aliquot.oversight.health.queries import of_the_federation
from tests.oversight.federation.exported import Exported, Federation
from tests.processes import pointed_at, wait_for
from tests.regions import one_with
from tests.web import signed_in


def test_both_sides_say_how_it_stands(tula: Exported, federation: Federation) -> None:
    tula.publish()
    assert [one.what for one in of_the_federation()] == [standing.NOBODY_READS]
    federation.join(tula)
    for table in ("node_fact", "site_fact"):
        federation.wait_for_all_of(tula, table)
    wait_for(lambda: [one.is_active for one in publishing_of(tula.node).readers] == [True], "it reads")
    assert list(remarks(tula.node, timezone.now())) == []
    with pointed_at(federation.live):
        wait_for(lambda: [one.is_connected for one in subscriptions()] == [True], "it is connected")
        seen = {}
        for role in ("nurse", "hub_director"):
            with acting(one_with(tula.region, role)):
                seen[role] = sql_files.fetch_text("SELECT count(*) FROM facts.site_fact")[0][0]
        assert seen["nurse"] == 0
        assert seen["hub_director"] > 0
        (state,) = subscriptions()
        assert (state.node, state.errors, state.version) == ("tula", 0, 1)
        assert state.complete_until is not None
    assert "facts_tula" in page_of()
    with pointed_at(federation.live):
        assert "tula" in page_of()
    with psycopg.connect(federation.administrator, autocommit=True) as admin:
        admin.execute("ALTER SUBSCRIPTION facts_tula DISABLE")
    wait_for(lambda: not any(one.is_active for one in publishing_of(tula.node).readers), "it reads no more")
    assert [one.what for one in remarks(tula.node, timezone.now())] == [standing.READER_AWAY]
    with pointed_at(federation.live):
        found = Node.objects.using("owner").get(is_self=True)
        before, settings.NODE = settings.NODE, "federation"
        try:
            assert [one.what for one in remarks(found, timezone.now())] == [standing.DISABLED]
            assert "is switched off" in page_of()
        finally:
            settings.NODE = before


def page_of() -> str:
    """The page as a director opens it."""
    return signed_in("director").get("/network/replication/").content.decode()


def test_a_region_that_invited_nobody_is_told_nothing(live_region: object) -> None:
    assert list(of_the_federation()) == []
