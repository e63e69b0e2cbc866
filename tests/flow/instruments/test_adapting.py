"""A laboratory adapts a driver to its analyzer from the words that have arrived."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from aliquot.flow.instruments.actions import (
    KeptMessage,
    keep_messages,
    read_messages,
    remove_adaptation,
    set_adaptation,
)
from aliquot.flow.instruments.models import Adaptation, Analyzer, Reading
from aliquot.flow.instruments.queries import adaptations, seen_terms
from aliquot.flow.instruments.rules.reading import Measurement
from aliquot.flow.instruments.rules.terms import SeenTerm
from aliquot.foundation.actors import Actor
from aliquot.foundation.audit.models import AuditBlock
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from tests.factories import NOW, make_accepted
from tests.regions import Region, one_with
from tests.tubes import make_analyzer, message_of


@dataclass(frozen=True, slots=True)
class Laboratory:
    region: Region
    analyzer: Analyzer
    director: Actor

    def send(self, number: str, *measured: Measurement, minutes: int = 0) -> list[str]:
        at = NOW - timedelta(minutes=minutes)
        content = message_of(self.analyzer.driver, number, *measured, at=at)
        keep_messages(
            [KeptMessage(self.region.hub.pk, self.analyzer.pk, "t", content, at)], by=self.region.worker
        )
        return [one.value_text for one in read_messages(limit=10, by=self.region.worker, at=NOW)]

    def set(self, kind: Any, term: str, meaning: str = "", **given: Any) -> Adaptation:
        facts = {"reason": "as the manual says", **given}
        with acting(self.director):
            return set_adaptation(
                self.analyzer, kind, term, meaning=meaning, by=self.director, at=NOW, **facts
            )

    def seen(self, kind: str) -> dict[str, SeenTerm]:
        return {one.term: one for one in seen_terms(self.analyzer) if one.kind == kind}


@pytest.fixture
def laboratory(region: Region) -> Laboratory:
    analyzer = make_analyzer(region.hub, "sysmex_xn", "XN-T")
    return Laboratory(region, analyzer, one_with(region, "hub_director"))


def test_a_unit_that_was_mapped_is_understood_from_the_next_message_on(laboratory: Laboratory) -> None:
    number = make_accepted(laboratory.region, "HGB").number
    odd = Measurement("HGB", "142.6", "odd/L")
    assert laboratory.send(number, odd) == []
    laboratory.set("unit", "odd/L", "g/dL", factor=Decimal("0.1"))
    assert laboratory.send(number, odd, minutes=1) == ["143"]
    assert Reading.objects.get(state="filed").number == "14.26"
    with acting(laboratory.director):
        remove_adaptation(laboratory.analyzer, "unit", "odd/L", reason="no", by=laboratory.director, at=NOW)
    assert laboratory.send(number, odd, minutes=2) == []


def test_the_words_that_arrived_are_counted_and_the_unknown_come_first(laboratory: Laboratory) -> None:
    odd = Measurement("HGB", "142.6", "odd/L", flags="ZZ")
    laboratory.send("1", Measurement("WBC", "5", "10*3/uL"), odd, minutes=9)
    laboratory.send("2", Measurement("NEW", "7", "odd/L"), minutes=3)
    terms = seen_terms(laboratory.analyzer)
    assert [one.is_known for one in terms] == sorted(one.is_known for one in terms)
    codes, units, flags = (laboratory.seen(kind) for kind in ("code", "unit", "flag"))
    assert {term: (one.is_known, one.meaning) for term, one in codes.items()} == {
        "WBC": (True, "WBC"),
        "HGB": (True, "HGB"),
        "NEW": (False, ""),
    }
    assert (units["odd/L"].count, units["odd/L"].is_known, units["odd/L"].last_value) == (2, False, "7")
    assert units["odd/L"].last_at == NOW - timedelta(minutes=3)
    assert units["10*3/uL"].is_known
    assert not flags["ZZ"].is_known
    laboratory.set("unit", "odd/L", "g/dL")
    laboratory.set("flag", "ZZ", "abnormal")
    assert laboratory.seen("unit")["odd/L"].meaning == "g/dL"
    assert "ZZ" not in laboratory.seen("flag")
    assert [one.term for one in adaptations(laboratory.analyzer)] == ["ZZ", "odd/L"]


def test_only_the_last_messages_are_looked_at(laboratory: Laboratory) -> None:
    laboratory.send("1", Measurement("OLD", "5", "10*3/uL"), minutes=9)
    laboratory.send("2", Measurement("NEW", "7", "10*3/uL"))
    assert {one.term for one in seen_terms(laboratory.analyzer, limit=1) if one.kind == "code"} == {"NEW"}


@pytest.mark.parametrize(
    ("kind", "term", "given", "field"),
    [
        ("unit", "odd/L", {}, "meaning"),
        ("unit", " ", {"meaning": "g/L"}, "term"),
        ("unit", "odd/L", {"meaning": "g/L", "factor": Decimal(0)}, "factor"),
        ("unit", "odd/L", {"meaning": "g/L", "factor": Decimal("NaN")}, "factor"),
        ("flag", "ZZ", {"meaning": "abnormal", "factor": Decimal(2)}, "factor"),
        ("aspect", "DOSE", {"meaning": "perhaps"}, "meaning"),
        ("code", "WBC", {"meaning": "WBC"}, "kind"),
        ("unit", "odd/L", {"meaning": "g/L", "reason": " "}, "reason"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_field(
    laboratory: Laboratory, kind: str, term: str, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        laboratory.set(kind, term, **given)
    assert field in refused.value.fields
    assert not Adaptation.objects.exists()


def test_who_adapts_is_known(laboratory: Laboratory) -> None:
    laboratory.set("flag", "ZZ", "abnormal")
    laboratory.set("flag", "ZZ", "high", reason="corrected")
    with acting(laboratory.director):
        blocks = AuditBlock.objects.filter(table_name="driver_adaptation").order_by("id")
        assert list(blocks.values_list("reason", flat=True)) == ["as the manual says", "corrected"]
        with pytest.raises(Refused):
            remove_adaptation(laboratory.analyzer, "flag", "YY", reason="x", by=laboratory.director, at=NOW)
    technologist = one_with(laboratory.region, "technologist", laboratory.region.hub)
    with acting(technologist), pytest.raises(Forbidden):
        set_adaptation(laboratory.analyzer, "flag", "ZZ", meaning="high", reason="x", by=technologist, at=NOW)
