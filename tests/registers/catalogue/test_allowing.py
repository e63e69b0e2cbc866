"""What is allowed of a test: as shipped, stated by the director, taken over from a table; by its day."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.catalogue.actions import load_catalogue, state_allowable, take_allowable_table
from aliquot.registers.catalogue.actions.allowing import load_allowable
from aliquot.registers.catalogue.models import AllowableError, Test
from aliquot.registers.catalogue.queries import allowable_errors, allowed_of
from tests.regions import LOADER, Region, one_with

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
GIVEN = {"since": "2026-11-01", "kind": "own", "total_percent": "7", "source": "decision 12"}
TABLE = (
    "test;since;kind;total_percent;source\nK;2026-11-01;own;5,5;minutes 3\nNA;2026-11-01;own;2;minutes 3\n"
)


def percent(code: str, on: date = date(2026, 11, 22)) -> Decimal | None:
    pk = Test.objects.get(code=code).pk
    return allowed_of(allowable_errors([pk], on=on).get(pk)).total_percent


def test_what_is_shipped_is_an_approximation_with_its_source(region: Region) -> None:
    glucose = AllowableError.objects.get(test__code="GLUS")
    assert (glucose.kind, glucose.is_approximate, glucose.is_shipped) == ("variation_desirable", True, True)
    assert (glucose.within_cv, glucose.cv_percent) == (Decimal(5), Decimal("2.5"))
    assert glucose.bias_percent == Decimal("2.38")
    assert "biologicalvariation.eu" in glucose.source
    assert percent("GLUS") == Decimal("6.5")
    assert percent("GLUS", date(2019, 12, 31)) is None


def test_loading_again_writes_nothing_and_keeps_what_the_laboratory_states(region: Region) -> None:
    director = one_with(region, "hub_director")
    with acting(director):
        state_allowable(Test.objects.get(code="K"), GIVEN, reason="decision 12", by=director, at=NOW)
    before = list(AllowableError.objects.order_by("pk").values_list("pk", "stated_at"))
    with acting(LOADER):
        load_catalogue(by=LOADER, at=datetime(2026, 11, 23, tzinfo=UTC))
    assert list(AllowableError.objects.order_by("pk").values_list("pk", "stated_at")) == before


def test_a_shipped_row_that_is_gone_from_the_table_is_removed_and_a_faulty_one_stops(region: Region) -> None:
    head = "test,since,kind,total_percent,source\n"
    with acting(LOADER):
        load_allowable(head + "K,2026-01-01,own,9,x\n", by=LOADER, at=NOW)
        assert list(AllowableError.objects.values_list("test__code", "total_percent")) == [("K", Decimal(9))]
        with pytest.raises(ValueError, match=r"line 2: The catalogue has no test XX"):
            load_allowable(head + "XX,2026-01-01,own,9,x\n", by=LOADER, at=NOW)


def test_what_the_laboratory_states_holds_from_its_day_before_what_is_shipped(region: Region) -> None:
    director = one_with(region, "hub_director")
    potassium = Test.objects.get(code="K")
    with acting(director):
        state_allowable(potassium, GIVEN, reason="decision 12", by=director, at=NOW)
        later = {**GIVEN, "since": "2026-12-01", "total_percent": "6"}
        kept = state_allowable(potassium, later, reason="decision 14", by=director, at=NOW)
    assert kept.pk is not None
    shipped = AllowableError.objects.get(test=potassium, is_shipped=True).total_percent
    assert [percent("K", date(2026, month, 5)) for month in (10, 11, 12)] == [shipped, Decimal(7), Decimal(6)]
    with acting(director):
        state_allowable(potassium, {**GIVEN, "total_percent": "8"}, reason="a slip", by=director, at=NOW)
    assert percent("K", date(2026, 11, 5)) == 8
    assert AllowableError.objects.filter(test=potassium).count() == 3


def test_faults_are_named_by_their_fields(region: Region) -> None:
    director = one_with(region, "hub_director")
    given = {**GIVEN, "total_percent": "a lot", "source": ""}
    with acting(director), pytest.raises(Refused) as refusal:
        state_allowable(Test.objects.get(code="K"), given, reason=" ", by=director, at=NOW)
    assert refusal.value.fields.keys() == {"reason", "source", "total_percent"}
    assert "a lot is no number" in refusal.value.fields["total_percent"]


def test_a_table_is_taken_over_as_a_whole_or_not_at_all(region: Region) -> None:
    director = one_with(region, "hub_director")
    with acting(director):
        wrong = (TABLE + "XYZ;2026-11-01;own;x;\n").encode("cp1251")
        with pytest.raises(
            Refused, match=r"line 4: The catalogue has no test XYZ(?s:.)+line 4: source is empty"
        ):
            take_allowable_table("ours.csv", wrong, reason="minutes 3", by=director, at=NOW)
        assert not AllowableError.objects.filter(is_shipped=False).exists()
        assert take_allowable_table("ours.csv", TABLE.encode(), reason="minutes 3", by=director, at=NOW) == 2
        with pytest.raises(Refused, match="Say why"):
            take_allowable_table("ours.csv", TABLE.encode(), reason="", by=director, at=NOW)
    assert (percent("K"), percent("NA")) == (Decimal("5.5"), Decimal(2))


def test_very_many_faults_are_counted(region: Region) -> None:
    director = one_with(region, "hub_director")
    rows = "".join(f"XX{place};2026-11-01;own;1;x\n" for place in range(25))
    head = "test;since;kind;total_percent;source\n"
    with acting(director), pytest.raises(Refused, match=r"And 5 more\.$"):
        take_allowable_table("ours.csv", (head + rows).encode(), reason="x", by=director, at=NOW)


def test_only_the_director_states_what_is_allowed(region: Region) -> None:
    quality = one_with(region, "quality_manager")
    with acting(quality), pytest.raises(Forbidden):
        state_allowable(Test.objects.get(code="K"), GIVEN, reason="x", by=quality, at=NOW)
    with acting(quality), pytest.raises(Forbidden):
        take_allowable_table("ours.csv", TABLE.encode(), reason="x", by=quality, at=NOW)
