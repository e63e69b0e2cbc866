"""What a change of the operator changes: people, open work, contracts, analyzers."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db.models import QuerySet

from aliquot.foundation import sql_files
from aliquot.oversight.succession.models import OperatorChange
from aliquot.registers.network.models import Operation
from aliquot.registers.network.queries import in_force

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class Affected:
    """A role of a person at a site, and whether it carries rights before and after."""

    username: str
    name_en: str
    name_ru: str
    role: str
    site_code: str
    site_en: str
    site_ru: str
    was_in_force: bool
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class OpenWork:
    """How many things of one kind are open at a site; kinds are those of the function `open_work`."""

    site_id: int
    kind: str
    amount: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What changes at the moment itself; everything else stays as it is."""

    lose: list[Affected] = field(default_factory=list)
    gain: list[Affected] = field(default_factory=list)
    keep: int = 0
    work: dict[str, int] = field(default_factory=dict)
    contracts: list[str] = field(default_factory=list)


def changes() -> QuerySet[OperatorChange]:
    """Every change, those of the latest moment first."""
    related = OperatorChange.objects.select_related("operator", "contract").defer("contract__document")
    return related.prefetch_related("parts__site").order_by("-on", "-id")


def effect_of(change: OperatorChange) -> Effect:
    """What the change does to people, which work is open now, and which contracts end early by it.

    For a change that is planned: as recorded today. What was approved keeps its own in `effect`.
    """
    sites = list(change.parts.values_list("site_id", flat=True))
    people = people_of(sites, change.operator_id, change.on)
    return Effect(
        lose=[one for one in people if one.was_in_force and not one.is_in_force],
        gain=[one for one in people if one.is_in_force and not one.was_in_force],
        keep=sum(one.was_in_force and one.is_in_force for one in people),
        work=dict(_by_kind(open_work(sites))),
        contracts=_ending(sites, change.on),
    )


def people_of(sites: Collection[int], operator_id: int | None, on: datetime) -> list[Affected]:
    """Everybody with a role at these sites at that moment, if this organisation operates them from then."""
    return sql_files.fetch(Affected, SQL, "people_of_change", sites=list(sites), operator=operator_id, on=on)


def open_work(sites: Collection[int]) -> list[OpenWork]:
    """What is open at these sites now, counted; only for who decides about operators."""
    return sql_files.fetch(OpenWork, SQL, "open_work", sites=list(sites))


def _by_kind(found: Iterable[OpenWork]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for one in found:
        counted[one.kind] += one.amount
    return counted


def _ending(sites: Collection[int], on: datetime) -> list[str]:
    """Numbers of the contracts under which these sites are operated until then and would be longer."""
    found = Operation.objects.filter(in_force(on), site_id__in=sites).select_related("contract")
    return sorted({one.contract.number for one in found.defer("contract__document")})
