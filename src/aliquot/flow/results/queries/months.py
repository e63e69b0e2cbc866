"""In which months the results of some orders can stand: told to the planner as numbers, before it plans."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class Months:
    """Ids of the orders' results lie from `since` to before `until`; what is compared begins at the third."""

    since: int
    until: int
    compared_since: int


def months_of_orders(
    orders: Collection[int], *, look_back: int = 0, collected: datetime | None = None
) -> Months:
    """Where results of these orders stand, and earlier values of their patients of so many days before."""
    return sql_files.fetch(
        Months,
        SQL,
        "months_of_orders",
        orders=sorted(orders),
        look_back=look_back,
        collected=collected,
    )[0]


def orders_of_results(ids: Collection[int]) -> tuple[list[int], datetime | None]:
    """The orders of these results, and the earliest collection among them."""
    orders, collected = sql_files.fetch_rows(SQL, "orders_of_results", ids=list(ids))[0]
    return orders, collected
