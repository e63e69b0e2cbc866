"""The statements that make the tables of facts, on either side, and that write into them.

They name schemas and columns, which cannot be parameters: every name comes from facts.py or is a node's code,
which needs no quoting (nodes.py). PostgreSQL 15 or newer.
"""

from aliquot.oversight.federation.rules.facts import FACTS, Fact, newest
from aliquot.oversight.federation.rules.nodes import is_code

PARENTS = "facts"
"""The schema of the federation in which all regions are read as one."""

APPLICATION = "aliquot_app"
READS = "(SELECT aliquot_may('read_indicators'))"


def schema_of(node: str) -> str:
    """The schema of a region's facts, the same on both sides. Raises ValueError for what is no code."""
    if not is_code(node):
        raise ValueError(f"{node!r} is no code of a node")
    return f"facts_{node}"


def publication_of(version: int) -> str:
    """The publication that carries this version of the facts."""
    return f"facts_v{version}"


def make_tables(node: str, facts: tuple[Fact, ...] = FACTS) -> list[str]:
    """The statements that make a region's tables, or bring them to these facts; again they change nothing."""
    schema = schema_of(node)
    return [
        f"CREATE SCHEMA IF NOT EXISTS {schema}",
        *(statement for fact in facts for statement in _made(schema, fact, f"CHECK (node = '{node}')")),
    ]


def make_parents(facts: tuple[Fact, ...] = FACTS) -> list[str]:
    """The statements that make the federation's tables over all regions, or bring them to these facts."""
    return [
        f"CREATE SCHEMA IF NOT EXISTS {PARENTS}",
        *(statement for fact in facts for statement in _made(PARENTS, fact, "", " PARTITION BY LIST (node)")),
    ]


def open_parents(owner: str, facts: tuple[Fact, ...] = FACTS) -> list[str]:
    """The statements by which `owner` has the federation's tables, and who may read indicators reads them."""
    return [
        f"ALTER SCHEMA {PARENTS} OWNER TO {owner}",
        f"GRANT USAGE ON SCHEMA {PARENTS} TO {APPLICATION}",
        *(
            statement
            for fact in facts
            for statement in (
                f"ALTER TABLE {PARENTS}.{fact.name} OWNER TO {owner}",
                f"ALTER TABLE {PARENTS}.{fact.name} ENABLE ROW LEVEL SECURITY",
                f"DROP POLICY IF EXISTS aliquot_sees ON {PARENTS}.{fact.name}",
                f"CREATE POLICY aliquot_sees ON {PARENTS}.{fact.name} TO {APPLICATION} USING ({READS})",
                f"GRANT SELECT ON {PARENTS}.{fact.name} TO {APPLICATION}",
            )
        ),
    ]


def attach_tables(node: str, facts: tuple[Fact, ...] = FACTS) -> list[str]:
    """The statements that make the federation's part for one region and attach it to the whole."""
    schema = schema_of(node)
    return [
        statement
        for fact in facts
        for statement in (
            f"CREATE TABLE {schema}.{fact.name} (LIKE {PARENTS}.{fact.name} INCLUDING ALL)",
            (
                f"ALTER TABLE {PARENTS}.{fact.name} ATTACH PARTITION {schema}.{fact.name}"
                f" FOR VALUES IN ('{node}')"
            ),
        )
    ]


def publish(node: str, version: int, facts: tuple[Fact, ...] = FACTS) -> str:
    """The statement that publishes one version of a region's facts: the columns which that version has."""
    tables = ", ".join(
        f"{schema_of(node)}.{fact.name} ({_names(fact, version)})" for fact in facts if fact.at(version)
    )
    return f"CREATE PUBLICATION {publication_of(version)} FOR TABLE {tables}"


def upsert(node: str, fact: Fact) -> str:
    """The statement that writes rows, one JSON array `rows`; a row that is the same is left alone."""
    own = [one for one in fact.columns if one.name != "node"]
    types = ", ".join(f"{one.name} {one.kind}" for one in own)
    names = ", ".join(one.name for one in own)
    changed = [one.name for one in fact.columns if one.name not in fact.key]
    new = ", ".join(f"excluded.{one}" for one in changed)
    return (
        f"INSERT INTO {schema_of(node)}.{fact.name} AS held (node, {names}) "  # noqa: S608 - names of facts.py
        f"SELECT '{node}', {names} FROM jsonb_to_recordset(%(rows)s::jsonb) AS given ({types}) "
        f"ON CONFLICT ({', '.join(fact.key)}) DO UPDATE SET ({', '.join(changed)}) = ROW ({new}) "
        f"WHERE ({', '.join(f'held.{one}' for one in changed)}) IS DISTINCT FROM ({new})"
    )


def remove_month(node: str) -> str:
    """The statement that removes what a month's bias was before it is written anew."""
    return f"DELETE FROM {schema_of(node)}.bias_fact WHERE month = ANY(%(months)s::date[])"  # noqa: S608 - as above


def versions(facts: tuple[Fact, ...] = FACTS) -> range:
    """All versions that these facts can be published as."""
    return range(1, newest(facts) + 1)


def _made(schema: str, fact: Fact, check: str, tail: str = "") -> list[str]:
    first = [one for one in fact.columns if one.since == 1]
    columns = ", ".join(f"{one.name} {one.kind}{_needed(fact, one.name)}" for one in first)
    rest = f", {check}" if check else ""
    return [
        (
            f"CREATE TABLE IF NOT EXISTS {schema}.{fact.name} "
            f"({columns}, PRIMARY KEY ({', '.join(fact.key)}){rest}){tail}"
        ),
        *(
            f"ALTER TABLE {schema}.{fact.name} ADD COLUMN IF NOT EXISTS {one.name} {one.kind}"
            for one in fact.columns
            if one.since > 1
        ),
    ]


def _needed(fact: Fact, name: str) -> str:
    return " NOT NULL" if name in fact.key else ""


def _names(fact: Fact, version: int) -> str:
    return ", ".join(one.name for one in fact.at(version))
