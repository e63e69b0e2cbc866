"""The book of a process follows the catalogue, and a set that cannot be used holds."""

import logging

import pytest

from aliquot.flow.verification.queries import (
    active_rule_sets,
    catalogue_types,
    changed_units,
    current_book,
    effective_rules,
    shipped_rules,
    suspensions,
)
from aliquot.registers.catalogue.models import ReferenceInterval, Test
from aliquot.registers.network.models import Site
from tests.factories import NOW, make_accepted, make_decided
from tests.flow.results.ruled import put_in_force
from tests.flow.verification.rule_sets import HUB
from tests.regions import Region


def test_the_book_is_kept_until_the_catalogue_changes(region: Region) -> None:
    first = current_book(NOW)
    assert current_book(NOW) is first
    Test.objects.filter(code="K").update(delta_days=5)
    second = current_book(NOW)
    assert second is not first
    Test.objects.filter(code="K").update(delta_days=6)
    third = current_book(NOW)
    assert third is not second
    ReferenceInterval.objects.filter(test__code="K").update(low=3)
    fourth = current_book(NOW)
    assert fourth is not third
    Site.objects.filter(pk=region.clinic.pk).update(code="TUL-NEW")
    assert current_book(NOW) is not fourth


def test_the_shipped_rules_are_the_networks(region: Region) -> None:
    assert active_rule_sets(NOW) == [(None, shipped_rules(), "network 1")]
    assert suspensions() == []
    kept = current_book()
    assert {one.code for one in kept.rules_of(None)} >= {"quality", "flags", "limits-catalogue"}


def test_a_hub_has_the_networks_rules_with_its_deviations(region: Region) -> None:
    sets = [(None, shipped_rules(), "1"), (7, HUB.format(rule="mchc-impossible"), "2")]
    rules = effective_rules(sets, catalogue_types())
    assert {one.code for one in rules[None]} - {one.code for one in rules[7]} == {"mchc-impossible"}


@pytest.mark.parametrize("text", ["no toml", HUB.format(rule="no such rule")])
def test_a_hubs_set_that_cannot_be_used_holds_its_results(
    region: Region, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        rules = effective_rules([(None, shipped_rules(), "1"), (7, text, "2")], catalogue_types())
    assert rules[7] == ()
    assert rules[None]


def test_without_a_usable_set_of_the_network_nothing_is_released(
    region: Region, caplog: pytest.LogCaptureFixture
) -> None:
    hub = HUB.format(rule="mchc-impossible")
    assert effective_rules([(None, "no toml", "1"), (7, hub, "2")], catalogue_types()) == {7: ()}
    assert "cannot be used" in caplog.text
    assert effective_rules([], catalogue_types()) == {}


def test_a_test_whose_unit_changed_since_its_rules_were_approved_waits(region: Region) -> None:
    assert make_decided(region, make_accepted(region, "K"), "K", "4.2").state == "released"
    Test.objects.filter(code="K").update(unit="mg/dL")
    held = make_decided(region, make_accepted(region, "K"), "K", "4.2")
    (reason,) = [one for one in held.reasons if one["code"] == "unit_changed"]
    assert (held.state, reason["units"]) == ("held", "mmol/L, mg/dL")
    assert make_decided(region, make_accepted(region, "NA"), "NA", "140").state == "released"
    put_in_force(region, "")
    assert changed_units(NOW) == []
