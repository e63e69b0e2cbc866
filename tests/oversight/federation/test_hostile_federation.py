"""A federation that wants more than it is given finds nobody: with its own credentials, by every way there is."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import pytest
from django.utils import timezone
from psycopg import pq, sql

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.foundation.postgres.roles import database_of, url_for
from aliquot.registers.patients.models import Patient
from tests.factories import make_decided, make_fresh, make_patient
from tests.oversight.federation.exported import Exported, Federation

PLANTED: dict[str, Any] = {
    "family_name": "Загадкина",
    "given_name": "Евпраксия",
    "patronymic": "Аристарховна",
    "birth_date": date(1931, 7, 19),
    "snils": "112-233-445 95",
    "policy_number": "7712345678901235",
}
TYPED = {
    "ward": "Палата-тайная",
    "diagnosis": "Z99.1",
    "note": "секретная приписка +79161234567",
    "requester": "Dr. Nevidimka",
}
RELATIONS = (
    "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') ORDER BY 1, 2"
)


@dataclass(slots=True)
class Spy:
    """Whoever holds the federation's credentials."""

    url: str

    def connect(self, database: str | None = None) -> "psycopg.Connection[Any]":
        return psycopg.connect(self.url, autocommit=True, dbname=database or database_of(self.url))

    def everything_readable(self) -> bytes:
        """Each relation that a SELECT is allowed on, as text."""
        found = bytearray()
        with self.connect() as session:
            for schema, name in session.execute(RELATIONS).fetchall():
                try:
                    with (
                        session.cursor() as cursor,
                        cursor.copy(
                            sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(
                                sql.Identifier(str(schema), str(name))
                            )
                        ) as copy,
                    ):
                        found += b"".join(bytes(block) for block in copy)
                except psycopg.Error:
                    continue
        return bytes(found)

    def told_by(self, plugin: str, tula: Exported) -> bytes:
        """What an output plugin of the spy's choice tells of all that is written meanwhile."""
        with self.connect() as session:
            session.execute("SELECT pg_create_logical_replication_slot('spy', %s)", [plugin])
            tula.measure("GLUS", "5.0")
            tula.publish()
            rows = session.execute(
                "SELECT data FROM pg_logical_slot_get_changes('spy', NULL, NULL)"
            ).fetchall()
            session.execute("SELECT pg_drop_replication_slot('spy')")
        return "\n".join(str(data) for (data,) in rows).encode()

    def base_backup(self) -> bytes:
        """Every file of the server, by way of a connection for logical replication."""
        line = pq.PGconn.connect(f"{self.url}?replication=database".encode())
        assert line.status == pq.ConnStatus.OK, line.error_message
        found = bytearray()
        answer: pq.abc.PGresult | None = line.exec_(b"BASE_BACKUP (CHECKPOINT 'fast', WAL true, WAIT false)")
        while answer is not None:
            while answer.status == pq.ExecStatus.COPY_OUT and (block := line.get_copy_data(0))[0] > 0:
                found += bytes(block[1])
            answer = line.get_result()
        line.finish()
        return bytes(found)


@pytest.fixture
def spy(tula: Exported, federation: Federation) -> Spy:
    """The credentials of an invitation, as the federation has them once it has opened it."""
    given = federation.invited_by(tula)
    return Spy(url_for(tula.url, given.user, given.password, given.database))


def planted(tula: Exported) -> set[bytes]:
    """A patient with everything that names her; what of it could be found, in every spelling of a database."""
    with acting(tula.region.worker):
        patient = make_patient(tula.region, **PLANTED)
        tube = make_fresh(tula.region, "K", patient=patient, **TYPED)
        make_decided(
            tula.region,
            tube,
            "K",
            "4.2",
            measured_at=timezone.now(),
            at=timezone.now(),
            decided_at=timezone.now(),
        )
        kept = Patient.objects.filter(pk=patient.pk).values().get()
        printed = {tube.number, tube.order.number}
    texts = {
        str(value)
        for name, value in kept.items()
        if isinstance(value, str | date) and len(str(value)) > 5 and not name.endswith("_at")
    }
    texts |= {*TYPED.values(), *printed, "4.200000"}
    texts |= {"".join(filter(str.isdigit, one)) for one in texts if sum(map(str.isdigit, one)) > 8}
    return {text.encode(coding) for text in texts for coding in ("utf-8", "utf-16-le", "cp1251")}


def found(needles: set[bytes], hay: bytes) -> set[bytes]:
    """Which of them are in it."""
    assert b"HUB" in hay or b"K" in hay, "nothing was read at all"
    return {needle for needle in needles if needle in hay}


def test_what_names_a_person_is_nowhere(tula: Exported, spy: Spy) -> None:
    needles = planted(tula)
    assert len(needles) > 20
    tula.publish()
    assert tula.facts("SELECT count(*) FROM facts_tula.result_fact") == [(1,)]
    assert found(needles, spy.everything_readable()) == set()
    told = spy.told_by("test_decoding", tula)
    assert b"result_fact" in told
    assert found(needles, told) == set()
    backup = spy.base_backup()
    assert len(backup) > 10_000_000
    assert b"result_fact" in backup
    assert found(needles, backup) == set()


def test_other_doors_are_closed(tula: Exported, spy: Spy) -> None:
    for database in ("postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            spy.connect(database)
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry for replication"):
        psycopg.connect(f"{spy.url}?replication=true")
    own = tula.live.owner_url
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(
            url_for(own, "aliquot_federation", spy.url.split(":")[2].split("@")[0], own.rpartition("/")[2])
        )
    with spy.connect() as session:
        for wanted in (
            "INSERT INTO facts_tula.node_fact (node) VALUES ('tula')",
            "UPDATE facts_tula.result_fact SET state = 'released'",
            "SELECT * FROM publishing.progress",
            "CREATE TABLE public.mine (x text)",
            "CREATE PUBLICATION mine FOR ALL TABLES",
            "CREATE ROLE accomplice SUPERUSER",
            "ALTER ROLE aliquot_federation SUPERUSER",
            "COPY (SELECT 1) TO PROGRAM 'id'",
            "SELECT pg_read_file('pg_hba.conf')",
            "SELECT rolpassword FROM pg_authid",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(wanted.encode())


def test_an_earlier_invitation_opens_nothing(tula: Exported, federation: Federation, spy: Spy) -> None:
    spy.connect().close()
    federation.join(tula)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        spy.connect()


def test_a_region_that_publishes_more_than_its_facts_is_not_joined(
    tula: Exported, federation: Federation
) -> None:
    with psycopg.connect(tula.url, autocommit=True) as session:
        session.execute("CREATE SCHEMA other CREATE TABLE person (id bigint PRIMARY KEY, password text)")
        session.execute("ALTER PUBLICATION facts_v1 ADD TABLE other.person")
    with pytest.raises(Refused, match="not its own facts"):
        federation.join(tula)
