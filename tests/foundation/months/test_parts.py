"""Parts by month: made ahead, losing nothing, closed to the application, looked at no more than needed."""

import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.results.models import Result
from aliquot.foundation import sql_files
from aliquot.foundation.context import acting
from aliquot.foundation.months.actions import gather_strays, prepare_months
from aliquot.foundation.months.queries import months_ahead, strays
from aliquot.foundation.months.rules.calendar import Month
from aliquot.oversight.health.queries import of_the_months
from tests.factories import make_accepted, make_fresh, make_result
from tests.foundation.months.past import MARCH, make_march
from tests.processes import LiveRegion
from tests.regions import Region, read_region

MOMENTS = st.datetimes(datetime(2020, 2, 1), datetime(2150, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


class TestCalendar:
    @given(MOMENTS)
    def test_a_month_begins_at_or_before_its_moments_and_the_next_after(self, at: datetime) -> None:
        month = Month.of(at)
        assert month.begin <= at < month.plus(1).begin
        assert Month.parse(str(month)) == month
        assert Month.of_id(month.low + 7) == month
        assert month.plus(1).low < 2**53

    @given(MOMENTS)
    @pytest.mark.django_db
    def test_the_database_counts_months_as_the_program_does(self, at: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT month_of(%s), month_begins(%s), month_table('x', month_of(%s))", [at, at, at]
            )
            month = Month.of(at)
            assert cursor.fetchone() == (month.number, month.low, f"x_{str(month).replace('-', '_')}")

    @given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=900)))
    @pytest.mark.django_db
    def test_nothing_recorded_since_a_moment_lies_below_the_bound(
        self, at: datetime, later: timedelta
    ) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT results_since(%s) <= month_begins(%s)", [at, at + later])
            assert cursor.fetchone() == (True,)

    @pytest.mark.parametrize(
        "text", ["2025-00", "2025-13", "2025-3", "25-03", "2019-12", "2020-01", "", "first"]
    )
    def test_what_is_no_month(self, text: str) -> None:
        with pytest.raises(ValueError, match=f"^{text}$"):
            Month.parse(text)

    def test_an_id_from_before_has_no_month(self) -> None:
        assert Month.of_id(12345) is None


class TestParts:
    def test_this_month_and_the_next_three_are_there(self, live_region: LiveRegion) -> None:
        assert months_ahead() >= 2  # the month may have turned since the tests began
        prepare_months()
        assert (prepare_months(), months_ahead()) == (0, 3)
        next_month = Month.of(datetime.now(UTC)).plus(1)
        live_region.look(f"DROP TABLE months.result_{str(next_month).replace('-', '_')}")
        assert [one.what for one in of_the_months()] == []
        assert months_ahead() == 2
        assert prepare_months() == 1
        assert list(of_the_months()) == []

    def test_a_row_without_a_month_is_kept_told_and_gathered(self, live_region: LiveRegion) -> None:
        region = read_region()
        past = make_march(live_region, region)
        live_region.look("UPDATE result SET id = id - (1::bigint << 40)")
        assert [(one.table_name, one.rows) for one in strays()] == [("result", 1)]
        assert [one.what for one in of_the_months()] == ["1 rows of result stand in no month"]
        assert gather_strays() == 1
        assert strays() == []
        where = live_region.look("SELECT tableoid::regclass::text, id FROM result")
        assert where == [("months.result_2025_02", past.result - (1 << 40))]

    def test_an_id_carries_the_month_of_its_moment(self, region: Region) -> None:
        tube = make_accepted(region, "K")
        assert Month.of_id(make_result(region, tube, "K", "4.2").pk) == Month.of(datetime.now(UTC))

    @pytest.mark.parametrize("table", ["result", "audit_block", "audit_row"])
    @pytest.mark.usefixtures("region")
    def test_every_part_is_closed_and_dressed_as_its_table(self, table: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT c.relname, c.relrowsecurity, has_table_privilege(c.oid, 'SELECT')"
                " OR has_table_privilege(c.oid, 'INSERT') OR has_any_column_privilege(c.oid, 'UPDATE'),"
                " (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid),"
                " (SELECT array_agg(tgname::text ORDER BY tgname) FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT tgisinternal AND tgtype & 1 = 0)"
                "   IS NOT DISTINCT FROM (SELECT array_agg(tgname::text ORDER BY tgname) FROM pg_trigger t"
                "   WHERE t.tgrelid = i.inhparent AND NOT tgisinternal AND tgtype & 1 = 0)"
                " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass",
                [table],
            )
            found = cursor.fetchall()
        assert len(found) >= 6
        assert [one for one in found if one[1:] != (True, False, 0, True)] == []


class TestReleasedOnce:
    def test_the_test_of_the_order_names_its_released_result(self, region: Region) -> None:
        tube = make_accepted(region, "K")
        made = make_result(region, tube, "K", "4.2")
        Result.objects.filter(pk=made.pk).update(state="released")
        item = tube.order.items.get()
        assert (item.result_id, item.state) == (made.pk, "reported")
        Result.objects.filter(pk=made.pk).update(state="superseded")
        assert tube.order.items.get().result_id is None

    def test_a_second_one_is_refused_in_whatever_month_it_stands(self, live_region: LiveRegion) -> None:
        region = read_region()
        past = make_march(live_region, region)
        copy = "SELECT id + %s, ordering_site_id, laboratory_id, order_item_id, order_id, specimen_id, patient_id, test_id"
        rest = "run, version, value_text, comparator, unit, flag, analyzer_flags, state, reasons, is_automatic, urgency"
        last = "recorded_at, released_by, comment, amend_reason"
        columns = copy.removeprefix("SELECT ").replace("id + %s", "id", 1)
        statement = f"INSERT INTO result ({columns}, {rest}, {last}) {copy}, {rest}, {last} FROM result"
        with (
            pytest.raises(IntegrityError, match="one released result"),
            transaction.atomic(using="owner"),
            connections["owner"].cursor() as cursor,
        ):
            cursor.execute(statement, [Month.of(datetime.now(UTC)).low - MARCH.low])
        assert live_region.look("SELECT id FROM result") == [(past.result,)]

    def test_two_of_one_statement_are_refused(self, region: Region) -> None:
        tube = make_accepted(region, "K")
        both = [make_result(region, tube, "K", value).pk for value in ("4.2", "4.3")]
        with pytest.raises(IntegrityError, match="one released result"), transaction.atomic():
            Result.objects.filter(pk__in=both).update(state="released")
        assert set(Result.objects.values_list("state", flat=True)) == {"recorded"}

    def test_a_call_or_a_correction_of_nothing_is_refused(self, region: Region) -> None:
        tube = make_accepted(region, "K")
        made = make_result(region, tube, "K", "4.2")
        with pytest.raises(IntegrityError, match="is not there"), transaction.atomic():
            Result.objects.create(
                **{
                    name: getattr(made, name)
                    for name in (
                        "ordering_site_id",
                        "laboratory_id",
                        "order_item_id",
                        "order_id",
                        "specimen_id",
                        "patient_id",
                        "test_id",
                    )
                },
                value_text="1",
                recorded_at=made.recorded_at,
                supersedes_id=17,
            )


class TestBounded:
    """The parts that a statement looks at do not become more with the years."""

    def test_a_decision_looks_at_the_months_of_its_window_alone(self, live_region: LiveRegion) -> None:
        region = read_region()
        now = Month.of(datetime.now(UTC))
        for back in range(1, 37):
            live_region.look("SELECT add_month('result', %s)", now.plus(-back).number)
        with acting(region.worker):
            one = make_result(region, make_fresh(region, "K"), "K", "4.2", collected_at=datetime.now(UTC))
            shown = _analysed(one.pk)
        parts = {name for name, loops in shown if loops != "never executed"}
        window = {str(now.plus(-back)).replace("-", "_") for back in range(5)}
        assert parts
        assert {part.removeprefix("result_") for part in parts} <= window | {"stray"}
        planned = {name.removeprefix("result_") for name, _loops in shown}
        assert not planned & {str(now.plus(-back)).replace("-", "_") for back in range(6, 37)}

    def test_a_result_is_found_by_its_id_in_its_month_alone(self, live_region: LiveRegion) -> None:
        region = read_region()
        past = make_march(live_region, region)
        with acting(region.worker):
            shown = Result.objects.filter(pk=past.result).explain()
        assert "result_2025_03" in shown
        assert set(re.findall(r"result_(\d+_\d+|stray|first)\b(?! \w)", shown)) <= {"2025_03"}


def _analysed(result: int) -> list[tuple[str, str]]:
    """Each scan of a part of the results while the evidence was gathered: the part, and whether it ran."""
    from aliquot.flow.results import queries
    from aliquot.flow.results.queries.months import months_of_orders, orders_of_results
    from aliquot.flow.results.rules.history import LOOK_BACK

    folder = next(iter(queries.__path__)) if hasattr(queries, "__path__") else queries.__file__
    sql = Path(folder).parent / "sql"
    text = sql_files.statement(sql, "gather_evidence")
    orders, collected = orders_of_results([result])
    months = asdict(months_of_orders(orders, look_back=LOOK_BACK, collected=collected))
    given_values = {"ids": [result], "given": "[]", "look_back": LOOK_BACK, **months}
    with sql_files._connection("default").cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {text}".encode(), given_values)
        lines = "\n".join(row[0] for row in cursor.fetchall())
    return re.findall(r"Scan using \w+ on (result_\w+) e(?:_\d+)? .*?\((never executed|actual)", lines)
