"""What a region's database holds, asked inside the transaction whose snapshot is exported."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string

from aliquot.foundation import sql_files
from aliquot.foundation.months.queries import schema_version
from aliquot.foundation.protection.declaration import Protection
from aliquot.oversight.federation.models import Node
from aliquot.oversight.handover.rules.carrying import Carrying, carrying_of
from aliquot.oversight.handover.rules.cutting import GREATEST, LEAST
from aliquot.oversight.handover.rules.manifest import Marks

SQL = Path(__file__).parent.parent / "sql"
OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Held:
    """A table, or a month of one, as it stands in the database; `how` an increment carries it."""

    name: str
    table: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    key: str
    ordering: tuple[str, ...]
    how: Carrying


def held_relations() -> list[Held]:
    """Everything with rows that a package carries, in the order of names."""
    protection: Mapping[str, Protection] = import_string(settings.ALIQUOT_PROTECTION)
    rows = sql_files.fetch_rows(SQL, "relations", using=OWNER)
    found = [
        Held(
            name, table, tuple(columns), tuple(types), key, tuple(ordering),
            _how(protection[table], table, computed, has_number=bool(key)),
        )
        for name, table, columns, types, computed, key, ordering in rows
    ]  # fmt: skip
    return [one for one in found if one.how is not Carrying.NOTHING]


def rows_of(held: Held, between: tuple[int, int] = (LEAST, GREATEST)) -> Iterator[bytes]:
    """The rows as CSV, each a line that begins with its key, in the order of keys; keys strictly between."""
    low, high = between
    where = f'WHERE "{held.key}" > {low} AND "{held.key}" < {high}' if held.key else ""
    return _copied(held, where)


def rows_with(held: Held, keys: Sequence[int]) -> Iterator[bytes]:
    """The rows with these keys, as `rows_of` gives them."""
    listed = ",".join(str(int(one)) for one in keys)
    return _copied(held, f"WHERE \"{held.key}\" = ANY ('{{{listed}}}'::bigint[])")


def _copied(held: Held, where: str) -> Iterator[bytes]:
    names = ", ".join(f'"{one}"' for one in held.columns)
    order = ", ".join(f'"{one}"' for one in held.ordering or held.columns)
    text = f"COPY (SELECT {names} FROM {held.name} {where} ORDER BY {order}) TO STDOUT (FORMAT csv)"  # noqa: S608 - names of our tables, numbers
    return sql_files.copy_out(text, using=OWNER)


def count_of(held: Held) -> int:
    """How many rows there are."""
    return int(sql_files.fetch_text(f"SELECT count(*) FROM {held.name}", using=OWNER)[0][0])  # noqa: S608 - as above


def read_marks(settled: Mapping[str, int]) -> Marks:
    """Up to where this snapshot reaches; `settled` was read just before it began."""
    ends = sql_files.fetch_rows(SQL, "chain_ends", using=OWNER)
    away = sql_files.fetch_rows(SQL, "months_away", using=OWNER)
    return Marks(
        chains={str(slot): (int(place), str(link)) for slot, place, link in ends},
        settled=dict(settled),
        months={str(month): str(digest) for month, digest, _folder, _file in away},
    )


def months_away() -> list[tuple[str, str, Path]]:
    """Months that are in files: name, digest, and the file where it was written."""
    rows = sql_files.fetch_rows(SQL, "months_away", using=OWNER)
    return [(str(month), str(digest), Path(folder) / file) for month, digest, folder, file in rows]


def sequences() -> dict[str, int]:
    """Where each sequence of numbers is."""
    return {str(name): int(last) for name, last in sql_files.fetch_rows(SQL, "sequences", using=OWNER)}


def server_version() -> int:
    """The version of the server: 180006 is 18.6."""
    return int(sql_files.fetch_value(SQL, "server_version", using=OWNER))


def region_name() -> str:
    """What this region is called among nodes; else the name of its database."""
    code = Node.objects.using(OWNER).filter(is_self=True).values_list("code", flat=True).first()
    return code or str(connections[OWNER].settings_dict["NAME"])


def applied_schema() -> str:
    """The last migration that was applied."""
    return schema_version()


def _how(given: Protection, table: str, computed: Sequence[str], *, has_number: bool) -> Carrying:
    return carrying_of(
        table,
        rights=given.rights,
        is_audited=given.is_audited,
        left_out=given.left_out,
        computed=computed,
        has_number=has_number,
    )
