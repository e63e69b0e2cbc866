"""A region joins: what it publishes arrives in the federation, in its own part alone, whatever was cut meanwhile."""

from dataclasses import replace

import psycopg
import pytest
from django.db import connections
from django.utils import timezone

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.foundation.postgres import ensure_running, stop
from aliquot.oversight.federation.actions.exporting import prepare_export
from aliquot.oversight.federation.actions.joining import forget_region, invite_federation, open_invitation
from aliquot.oversight.federation.queries import own_card
from aliquot.oversight.federation.rules.facts import FACTS, RESULT_FACT, Column, Fact
from tests.oversight.federation.exported import CODE, Exported, Federation, host_and_port
from tests.processes import pointed_at, wait_for
from tests.regions import LOADER

COUNTED = "SELECT count(*) FROM facts.result_fact WHERE node = 'tula'"
ERRORS = "SELECT apply_error_count FROM pg_stat_subscription_stats WHERE subname = 'facts_tula'"


def grown() -> tuple[Fact, ...]:
    """The facts of a newer program: a result has one column more."""
    columns = (*RESULT_FACT.columns, Column("storage", "text", "where the tube is kept", since=2))
    return tuple(replace(one, columns=columns) if one is RESULT_FACT else one for one in FACTS)


def test_what_a_region_publishes_arrives_whatever_is_cut(tula: Exported, federation: Federation) -> None:
    tula.measure()
    tula.publish()
    assert federation.join(tula) == 1
    federation.wait_for_all_of(tula)
    tula.measure("GLUS", "5.0")
    tula.publish()
    for table in ("result_fact", "specimen_fact", "site_fact"):
        federation.wait_for_all_of(tula, table)
    assert federation.look(COUNTED) == [(2,)]

    stop(tula.home / "export", "immediate")  # the line is dead: the region goes on
    tula.measure("NA", "140")
    ensure_running(tula.home / "export")
    connections["export"].close()  # as a publisher does after a fault
    tula.publish()
    federation.wait_for_all_of(tula)
    assert federation.look(COUNTED) == [(3,)]

    with psycopg.connect(federation.administrator, autocommit=True) as admin:
        forget_region(CODE, admin)  # the federation is lost: it is rebuilt from the region
    assert federation.look(COUNTED) == [(0,)]
    federation.join(tula)
    federation.wait_for_all_of(tula)
    assert federation.look(COUNTED) == [(3,)]


def test_a_region_writes_its_own_rows_and_no_others(tula: Exported, federation: Federation) -> None:
    federation.join(tula)
    tula.publish()
    federation.wait_for_all_of(tula, "site_fact")
    with psycopg.connect(tula.url, autocommit=True) as session:
        session.execute("ALTER TABLE facts_tula.site_fact DROP CONSTRAINT site_fact_node_check")
        session.execute("INSERT INTO facts_tula.site_fact (node, code) VALUES ('kaluga', 'x')")
    wait_for(lambda: federation.look(ERRORS)[0][0], "the federation refuses the row")
    assert federation.look("SELECT DISTINCT node FROM facts.site_fact") == [("tula",)]
    (owner,) = federation.look(
        "SELECT subowner::regrole::text FROM pg_subscription WHERE subname = 'facts_tula'"
    )
    assert owner == ("facts_tula",)
    (rights,) = federation.look(
        "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = 'facts_tula'"
    )
    assert rights == (False,) * 5
    assert federation.look("SELECT has_table_privilege('facts_tula', 'public.person', 'INSERT')") == [
        (False,)
    ]


def test_a_region_that_is_newer_goes_on_publishing_what_the_federation_knows(
    tula: Exported, federation: Federation
) -> None:
    federation.join(tula)
    with acting(LOADER):
        prepare_export(tula.node, by=LOADER, facts=grown())
    tula.measure()
    tula.publish()
    wait_for(lambda: federation.look(COUNTED) == [(1,)], "the older federation has the result")
    assert federation.join(tula, facts=grown()) == 2
    wait_for(lambda: federation.look(COUNTED) == [(1,)], "the newer federation has it too")
    assert federation.look("SELECT storage FROM facts.result_fact") == [(None,)]


def test_a_federation_that_is_newer_takes_what_the_region_has(tula: Exported, federation: Federation) -> None:
    assert federation.join(tula, facts=grown()) == 1
    tula.measure()
    tula.publish()
    wait_for(lambda: federation.look(COUNTED) == [(1,)], "the newer federation has the result")


def test_an_invitation_for_another_or_altered_is_refused(tula: Exported, federation: Federation) -> None:
    with pointed_at(federation.live), acting(LOADER):
        card = own_card(at=timezone.now())
    with acting(LOADER):
        sealed = invite_federation(
            replace(card, code="another"),
            address=host_and_port(tula.url),
            export=tula.url,
            home=tula.home,
            by=LOADER,
            at=timezone.now(),
        )
    with pointed_at(federation.live), acting(LOADER):
        with pytest.raises(Refused, match="another node"):
            open_invitation(sealed, home=federation.home)
        with pytest.raises(Refused, match="cannot be opened"):
            open_invitation(sealed[:-1] + bytes([sealed[-1] ^ 1]), home=federation.home)
        with pytest.raises(Refused, match="cannot be opened"):
            open_invitation(b"not sealed at all", home=federation.home)


def test_a_region_that_does_not_answer_is_named(tula: Exported, federation: Federation) -> None:
    invitation = federation.invited_by(tula)
    stop(tula.home / "export")
    with pytest.raises(Refused, match=f"does not answer at {invitation.host}:{invitation.port}"):
        federation.join_by(invitation)
