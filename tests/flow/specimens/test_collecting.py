"""A tube is planned, labelled, drawn and spun, against the real database."""

from datetime import timedelta

import pytest

from aliquot.flow.specimens.actions import (
    collect_specimens,
    print_labels,
    spin_specimens,
)
from aliquot.flow.specimens.queries import journey, to_collect
from aliquot.flow.specimens.rules.numbering import check_number
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.registers.network.models import NumberRange
from tests.factories import NOW, make_order, make_patient, make_specimen
from tests.flow.specimens.reception import nurse_of, states
from tests.regions import Region

MINUTE = timedelta(minutes=1)


class TestPlanning:
    def test_tubes_in_the_order_of_draw_with_numbers_of_the_site(self, region: Region) -> None:
        order = make_order(region, "GLU", "PTQ", "HGB", "K", "GLUS")
        tubes = list(order.specimens.order_by("id"))
        assert [one.container.code for one in tubes] == ["CIT", "SST", "EDTA", "FLU"]
        assert states(tubes[1]) == {"K": "pending", "GLUS": "pending"}
        prefix = NumberRange.objects.get(site=region.clinic, kind="specimen").prefix
        assert all(check_number(one.number).is_valid and one.number.startswith(prefix) for one in tubes)
        assert {one.custody_site_id for one in tubes} == {region.clinic.pk}

    def test_a_calculated_test_takes_no_tube(self, region: Region) -> None:
        order = make_order(region, "CREA", "EGFR")
        assert [states(one) for one in order.specimens.all()] == [{"CREA": "pending"}]

    def test_the_same_external_number_plans_no_second_set_of_tubes(self, region: Region) -> None:
        patient = make_patient(region)
        for _ in range(2):
            order = make_order(region, "K", patient=patient, external_system="mis", external_number="7")
        assert order.specimens.count() == 1


class TestCollecting:
    def test_the_time_of_collection_is_not_the_time_of_printing(self, region: Region) -> None:
        order, nurse = make_order(region, "K"), nurse_of(region)
        tube = order.specimens.get()
        with acting(nurse):
            assert list(to_collect(region.clinic)) == [tube]
            print_labels([tube], by=nurse, at=NOW - 30 * MINUTE)
            drawn = NOW - 20 * MINUTE
            collect_specimens([tube.number], collected_at=drawn, identity_confirmed=True, by=nurse, at=NOW)
            tube.refresh_from_db()
            steps = list(journey(tube).values_list("kind", "at", "recorded_at", "by"))
            assert list(to_collect(region.clinic)) == []
        assert (tube.state, tube.labelled_at, tube.collected_at) == ("collected", NOW - 30 * MINUTE, drawn)
        assert tube.collected_by == nurse.key
        assert steps == [
            ("planned", order.placed_at, order.placed_at, nurse.key),
            ("label_printed", NOW - 30 * MINUTE, NOW - 30 * MINUTE, nurse.key),
            ("collected", drawn, NOW, nurse.key),
        ]

    def test_printing_again_moves_nothing_back(self, region: Region) -> None:
        tube, nurse = make_specimen(region, "K"), nurse_of(region)
        with acting(nurse):
            print_labels([tube], by=nurse, at=NOW)
            tube.refresh_from_db()
        assert (tube.state, tube.labelled_at) == ("collected", None)

    @pytest.mark.parametrize(
        ("ago", "words"),
        [(-MINUTE, "lies in the future"), (timedelta(days=9), "more than 7 days before the order")],
    )
    def test_impossible_times_are_refused_under_their_field(
        self, region: Region, ago: timedelta, words: str
    ) -> None:
        tube, nurse = make_order(region, "K").specimens.get(), nurse_of(region)
        with acting(nurse), pytest.raises(Refused, match=words) as refused:
            collect_specimens(
                [tube.number], collected_at=NOW - ago, identity_confirmed=True, by=nurse, at=NOW
            )
        assert list(refused.value.fields) == ["collected_at"]

    def test_without_the_patients_identity_nothing_is_collected(self, region: Region) -> None:
        tube, nurse = make_order(region, "K").specimens.get(), nurse_of(region)
        with acting(nurse), pytest.raises(Refused, match="name and birth date") as refused:
            collect_specimens([tube.number], collected_at=NOW, identity_confirmed=False, by=nurse, at=NOW)
        assert list(refused.value.fields) == ["identity_confirmed"]

    def test_one_wrong_number_stops_all_and_is_named(self, region: Region) -> None:
        tube, nurse = make_order(region, "K").specimens.get(), nurse_of(region)
        done = make_specimen(region, "K")
        with acting(nurse):
            for wrong, words in (
                ("123", "Not known here: 123"),
                (done.number, f"Already drawn.*{done.number}"),
            ):
                with pytest.raises(Refused, match=words):
                    collect_specimens(
                        [tube.number, wrong], collected_at=NOW, identity_confirmed=True, by=nurse, at=NOW
                    )
            tube.refresh_from_db()
        assert tube.state == "planned"

    def test_spinning_happens_once(self, region: Region) -> None:
        tube, nurse = make_specimen(region, "K"), nurse_of(region)
        with acting(nurse):
            assert spin_specimens([tube.number], by=nurse, at=NOW)[0].spun_at == NOW
            with pytest.raises(Refused, match=f"already centrifuged: {tube.number}"):
                spin_specimens([tube.number], by=nurse, at=NOW + MINUTE)
