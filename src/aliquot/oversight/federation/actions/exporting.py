"""The region's export: its tables, the publications of each version, and what is on its way."""

import os

from django.conf import settings
from django.db import connections
from psycopg.conninfo import conninfo_to_dict

from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.postgres import export_url, make_url, running_export
from aliquot.oversight.federation.models.nodes import Node
from aliquot.oversight.federation.rules.facts import FACTS, Fact
from aliquot.oversight.federation.rules.progress import PROGRESS
from aliquot.oversight.federation.rules.statements import (
    make_tables,
    publication_of,
    publish,
    versions,
)

EXPORT = "export"
PUBLICATIONS = "SELECT pubname FROM pg_publication WHERE pubname LIKE 'facts\\_v%'"


def open_export(*, detach: bool = False) -> str:
    """Point Django's connection `export` at this region's export database, made when missing; its address.

    Raises PostgresUnavailable.
    """
    url = export_url(settings.HOME, os.environ, beside=_own_address(), detach=detach)
    _point_at(url)
    return url


def reach_export() -> bool:
    """Point the connection `export` at this region's export database if its server runs; whether it does."""
    url = running_export(settings.HOME, os.environ)
    if url:
        _point_at(url)
    return url is not None


def _point_at(url: str) -> None:
    parts = conninfo_to_dict(url)
    connections[EXPORT].close()
    connections[EXPORT].settings_dict.update(
        HOST=parts.get("host", ""),
        PORT=str(parts.get("port", 5432)),
        NAME=parts.get("dbname", ""),
        USER=parts.get("user", ""),
        PASSWORD=parts.get("password", ""),
    )


def prepare_export(node: Node, *, by: Actor, facts: tuple[Fact, ...] = FACTS) -> None:
    """Bring the tables of the export to these facts, and publish each version that a federation may ask for.

    Again it changes nothing. An earlier version stays published: the federation takes the newer when it can.
    """
    by.require("manage_registers")
    for statement in [*make_tables(node.code, facts), *PROGRESS]:
        sql_files.run_text(statement, using=EXPORT)
    there = {name for (name,) in sql_files.fetch_text(PUBLICATIONS, using=EXPORT)}
    for version in versions(facts):
        if publication_of(version) not in there:
            sql_files.run_text(publish(node.code, version, facts), using=EXPORT)


def _own_address() -> str:
    own = connections["owner"].settings_dict
    return make_url(
        str(own["HOST"]), int(own["PORT"]), str(own["NAME"]), str(own["USER"]), str(own["PASSWORD"])
    )
