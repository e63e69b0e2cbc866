"""Join: the region invites the federation to read its export, the federation subscribes to it.

An invitation is signed by the region and sealed to the federation: it carries the address and the password of
the export server, and the region's card.
"""

import json
import os
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from django.utils.translation import gettext as _
from psycopg import sql
from psycopg.conninfo import make_conninfo

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.foundation.postgres import PostgresUnavailable, admit_reader, database_of, ensure_running
from aliquot.foundation.postgres.passwords import password_of
from aliquot.foundation.seals import is_signed, seal, seal_key_of, unseal
from aliquot.oversight.federation.actions.exporting import prepare_export
from aliquot.oversight.federation.actions.nodes import introduce_node, sign_as_this_node
from aliquot.oversight.federation.models.nodes import Node
from aliquot.oversight.federation.queries.nodes import named_node, own_card
from aliquot.oversight.federation.rules.facts import FACTS, Fact, agreed, newest
from aliquot.oversight.federation.rules.invitations import Invitation, invitation_bytes, read_invitation
from aliquot.oversight.federation.rules.nodes import Card, canonical
from aliquot.oversight.federation.rules.statements import (
    attach_tables,
    make_parents,
    open_parents,
    publication_of,
    schema_of,
)

OLDEST_FEDERATION = 160000
"""PostgreSQL 16: a subscription may belong to a role without rights, which writes as the tables' owner."""
PUBLISHED = "SELECT pubname, schemaname FROM pg_publication_tables"
END_READERS = (
    "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots"
    " WHERE active AND database = current_database()"
)
DROP_SLOTS = (
    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
    " WHERE NOT active AND database = current_database()"
)


def invite_federation(
    federation: Card, *, address: tuple[str, int], export: str, home: Path, by: Actor, at: datetime
) -> bytes:
    """Return the sealed invitation by which this federation joins this region; earlier ones open nothing.

    `address` is where the federation reaches the export server, `export` the owner's address of it here.
    Makes what is missing in the export. Raises Refused, PostgresUnavailable.
    """
    node = named_node()
    if node.kind != Node.Kind.REGION or federation.kind != Node.Kind.FEDERATION:
        raise Refused(_("A region invites a federation; here it is otherwise."))
    introduce_node(federation, by=by, at=at)
    prepare_export(node, by=by)
    user, password = admit_reader(export, home, schema_of(node.code))
    database = database_of(export)
    invitation = Invitation(own_card(at=at), federation.code, *address, database, user, password)
    body = invitation_bytes(invitation)
    signed = {"body": body.decode("utf-8"), "signature": sign_as_this_node(body, home=home, at=at)}
    sealed = BytesIO()
    seal(BytesIO(canonical(signed)), sealed, [federation.sealing])
    return sealed.getvalue()


def open_invitation(sealed: bytes, *, home: Path) -> Invitation:
    """The invitation in these bytes, opened and its signature checked. Raises Refused."""
    clear = BytesIO()
    unseal(BytesIO(sealed), clear, seal_key_of(home))
    try:
        signed = json.loads(clear.getvalue())
        body = signed["body"].encode("utf-8")
        invitation = read_invitation(json.loads(body))
        is_whole = is_signed(body, signed["signature"], invitation.card.signing)
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise Refused(_("This is no invitation of a region.")) from fault
    if not is_whole or invitation.receiver != named_node().code:
        raise Refused(_("The invitation is not signed by the region it names, or is meant for another node."))
    return invitation


def join_region(
    invitation: Invitation, *, administrator: str, by: Actor, at: datetime, facts: tuple[Fact, ...] = FACTS
) -> int:
    """Subscribe this federation to a region; return the version of the facts that flows.

    `administrator` is an address of this node's own database as a superuser. A region that was joined before
    is read anew from the beginning: what it published goes, what it publishes comes. Raises Refused.
    """
    by.require("manage_registers")
    if named_node().kind != Node.Kind.FEDERATION:
        raise Refused(_("Only the federation joins a region."))
    version = _checked(invitation, newest(facts))
    introduce_node(invitation.card, by=by, at=at)
    code = invitation.card.code
    with psycopg.connect(administrator, autocommit=True) as admin:
        if admin.info.server_version < OLDEST_FEDERATION:
            raise Refused(_("The federation needs PostgreSQL 16 or newer; regions may have 15."))
        forget_region(code, admin)
        owner = str(connections["owner"].settings_dict["USER"])
        for statement in [*make_parents(facts), *open_parents(f'"{owner}"', facts)]:
            admin.execute(statement.encode())
        _own_part(admin, code, facts)
        admin.execute(
            sql.SQL("GRANT {} TO {}").format(sql.Identifier(schema_of(code)), sql.Identifier(owner))
        )
        _subscribe(admin, invitation, version)
    return version


def administrator_url() -> str:
    """The superuser's address of this node's own database. Raises PostgresUnavailable for a given server."""
    own = connections["owner"].settings_dict
    if os.environ.get("ALIQUOT_DATABASE_URL") or os.environ.get("ALIQUOT_DATABASE_URL_FILE"):
        if not (given := os.environ.get("ALIQUOT_ADMINISTRATOR_URL")):
            raise PostgresUnavailable(
                "To join a region needs an administrator of PostgreSQL.",
                "Set ALIQUOT_ADMINISTRATOR_URL to its address as a superuser, for this run.",
            )
        return given
    server = ensure_running(settings.HOME, detach=False)
    return server.url(str(own["NAME"]), "postgres", password_of(settings.HOME, "postgres_superuser"))


def forget_region(code: str, admin: "psycopg.Connection[Any]") -> None:
    """End the subscription to a region and remove its part; the region's own data are untouched."""
    name = schema_of(code)
    if admin.execute("SELECT 1 FROM pg_subscription WHERE subname = %s", [name]).fetchone():
        admin.execute(sql.SQL("ALTER SUBSCRIPTION {} DISABLE").format(sql.Identifier(name)))
        admin.execute(sql.SQL("ALTER SUBSCRIPTION {} SET (slot_name = NONE)").format(sql.Identifier(name)))
        admin.execute(sql.SQL("DROP SUBSCRIPTION {}").format(sql.Identifier(name)))
    admin.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(name)))


def _checked(invitation: Invitation, own: int) -> int:
    """The version that both know, once the export was reached and publishes nothing but its own facts."""
    schema = schema_of(invitation.card.code)
    try:
        with psycopg.connect(_address(invitation), autocommit=True, connect_timeout=10) as export:
            published = export.execute(PUBLISHED).fetchall()
    except psycopg.OperationalError as fault:
        words = _("The export of %(code)s does not answer at %(host)s:%(port)d: %(fault)s")
        values = {"code": invitation.card.code, "host": invitation.host, "port": invitation.port}
        raise Refused(words % {**values, "fault": str(fault).strip()}) from fault
    if not published or {one for _name, one in published} != {schema}:
        words = _("%(code)s publishes tables that are not its own facts: it is not joined.")
        raise Refused(words % {"code": invitation.card.code})
    theirs = max(int(name.removeprefix("facts_v")) for name, _schema in published)
    return agreed(theirs, own)


def _own_part(admin: "psycopg.Connection[Any]", code: str, facts: tuple[Fact, ...]) -> None:
    """The region's tables, owned by a role that can do nothing else: it sends lands there alone."""
    role = schema_of(code)
    if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
        # it logs in as the worker that writes; without a password nobody else logs in as it
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
    database = sql.Identifier(admin.info.dbname)
    admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.Identifier(role)))
    admin.execute(sql.SQL("CREATE SCHEMA {0} AUTHORIZATION {0}").format(sql.Identifier(role)))
    for statement in attach_tables(code, facts):
        admin.execute(statement.encode())
    for fact in facts:
        table = sql.Identifier(role, fact.name)
        admin.execute(sql.SQL("ALTER TABLE {} OWNER TO {}").format(table, sql.Identifier(role)))


def _subscribe(admin: "psycopg.Connection[Any]", invitation: Invitation, version: int) -> None:
    """A subscription that belongs to the role of the region's part before it moves the first row."""
    with psycopg.connect(_address(invitation), autocommit=True) as export:
        export.execute(END_READERS)
        export.execute(DROP_SLOTS)
    name = sql.Identifier(schema_of(invitation.card.code))
    admin.execute(
        sql.SQL("CREATE SUBSCRIPTION {} CONNECTION {} PUBLICATION {} WITH (enabled = false)").format(
            name, sql.Literal(_address(invitation)), sql.Identifier(publication_of(version))
        )
    )
    admin.execute(sql.SQL("ALTER SUBSCRIPTION {0} OWNER TO {0}").format(name))
    admin.execute(sql.SQL("ALTER SUBSCRIPTION {} ENABLE").format(name))


def _address(invitation: Invitation) -> str:
    return make_conninfo(
        host=invitation.host,
        port=invitation.port,
        dbname=invitation.database,
        user=invitation.user,
        password=invitation.password,
        connect_timeout=10,
    )
