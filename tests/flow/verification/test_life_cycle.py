"""A rule set from its draft to its end: two people, a signed validation, one version at a time, all in the database."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from aliquot.flow.results.actions.validating import validate
from aliquot.flow.verification import actions
from aliquot.flow.verification.models import RuleSetValidation, RuleSetVersion
from aliquot.flow.verification.queries import current_book, shipped_rules, untried_rules, version_in_force
from aliquot.foundation.actors import Actor
from aliquot.foundation.audit.models import AuditRow
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.network.models import Site
from aliquot.registers.people.actions import DEMO_PASSWORD
from tests.factories import NOW
from tests.flow.verification.rule_sets import HUB, LIMITS_ALONE
from tests.regions import Region, one_with

HOUR = timedelta(hours=1)
TEXT = f"""{LIMITS_ALONE}[[case]]
rule = "limits"
test = "K"
value = "{{value}}"
fires = true
[[case]]
rule = "limits"
test = "K"
value = "4.2"
fires = false
expect = "release"
"""


def text(value: str = "7.1") -> str:
    return TEXT.format(value=value)


def doctor(region: Region) -> Actor:
    return region.people["doctor"]


def director(region: Region) -> Actor:
    return region.people["director"]


def drafted(region: Region, words: str = "", laboratory: Site | None = None) -> RuleSetVersion:
    by = doctor(region)
    with acting(by):
        return actions.draft_rule_set(words or text(), laboratory=laboratory, note="try", by=by, at=NOW)


def submitted(region: Region, words: str = "", laboratory: Site | None = None) -> RuleSetVersion:
    version, by = drafted(region, words, laboratory), doctor(region)
    with acting(by):
        actions.submit_rule_set(version, by=by, at=NOW)
    return version


def validated(region: Region, version: RuleSetVersion) -> RuleSetValidation:
    by = director(region)
    with acting(by):
        asked = actions.request_validation(version, since=NOW, until=NOW, by=by, at=NOW)
        validate(asked, by=by, at=NOW)
        asked.refresh_from_db()
        return asked


def signed(region: Region, version: RuleSetVersion, **changes: Any) -> RuleSetValidation:
    found, by = validated(region, version), director(region)
    with acting(by):
        facts = {"meaning": "I validated this", "password": DEMO_PASSWORD, "by": by, "at": NOW}
        actions.sign_validation(found, **{**facts, **changes})
    return found


def approved(region: Region, words: str = "", laboratory: Site | None = None) -> RuleSetVersion:
    version, by = submitted(region, words, laboratory), director(region)
    signed(region, version)
    with acting(by):
        actions.approve_rule_set(version, reason="good", by=by, at=NOW)
    return version


def active(
    region: Region, since: Any = NOW, words: str = "", laboratory: Site | None = None
) -> RuleSetVersion:
    version, by = approved(region, words, laboratory), director(region)
    with acting(by):
        actions.activate_rule_set(version, since=since, reason="from now", by=by, at=NOW)
    return version


def in_force(region: Region, at: Any = NOW, laboratory: Site | None = None) -> int:
    found = version_in_force(laboratory.pk if laboratory else None, at)
    return found.version if found else 0


def test_the_shipped_rules_came_as_a_draft_and_two_people_put_them_in_force(region: Region) -> None:
    first = RuleSetVersion.objects.get(laboratory=None, version=1)
    assert first.text == shipped_rules()
    assert first.drafted_by == "system:installation"
    assert (first.submitted_by, first.approved_by) == (doctor(region).key, director(region).key)
    assert first.stage_at(NOW) == "active"
    with acting(region.worker):
        assert actions.load_shipped_rules(by=region.worker, at=NOW) is None


def test_a_set_goes_from_draft_to_active_and_the_one_before_it_ends(region: Region) -> None:
    version = active(region, since=NOW + HOUR)
    before = RuleSetVersion.objects.get(version=1)
    assert (version.version, version.state, version.stage_at(NOW)) == (2, "active", "coming")
    assert before.active_until == NOW + HOUR
    assert (in_force(region, NOW), in_force(region, NOW + HOUR)) == (1, 2)
    assert before.stage_at(NOW + HOUR) == "retired"
    assert [one.code for one in current_book(NOW + HOUR).rules_of(None)] == ["limits"]
    assert len(current_book(NOW).rules_of(None)) > 5


def test_every_step_is_in_the_audit_with_who_and_why(region: Region) -> None:
    version = active(region)
    rows = AuditRow.objects.filter(table_name="rule_set", row_id=version.pk).order_by("block_id")
    assert [(one.block.actor, one.block.reason) for one in rows] == [
        (doctor(region).key, "try"),
        (doctor(region).key, ""),
        (director(region).key, "good"),
        (director(region).key, "from now"),
    ]


def test_what_is_wrong_is_refused_when_it_is_submitted(region: Region) -> None:
    version, by = drafted(region, text().replace('kind = "limits"', 'kind = "limit"')), doctor(region)
    with acting(by), pytest.raises(Refused, match="perhaps limits"):
        actions.submit_rule_set(version, by=by, at=NOW)


def test_nobody_approves_what_they_wrote(region: Region) -> None:
    version, by = drafted(region), director(region)
    with acting(by):
        actions.save_draft(version, text("7.2"), by=by, at=NOW)
    with acting(doctor(region)):
        actions.submit_rule_set(version, by=doctor(region), at=NOW)
    signed(region, version)
    with acting(by), pytest.raises(Refused, match="somebody else"):
        actions.approve_rule_set(version, reason="mine", by=by, at=NOW)
    with acting(by), pytest.raises(DatabaseError, match="rule_set_two_people"), transaction.atomic():
        RuleSetVersion.objects.filter(pk=version.pk).update(
            state="approved", approved_by=by.key, approved_at=NOW
        )


def test_only_a_director_approves(region: Region) -> None:
    version, by = submitted(region), doctor(region)
    with acting(by), pytest.raises(Forbidden):
        actions.approve_rule_set(version, reason="good", by=by, at=NOW)
    with acting(region.worker), pytest.raises(Forbidden, match="person"):
        actions.approve_rule_set(version, reason="good", by=region.worker, at=NOW)


def test_without_a_signed_validation_of_the_same_text_nothing_is_approved(region: Region) -> None:
    version, by = submitted(region), director(region)
    validated(region, version)
    with acting(by), pytest.raises(Refused, match="validation"):
        actions.approve_rule_set(version, reason="good", by=by, at=NOW)
    with acting(by), pytest.raises(DatabaseError, match="signed validation"), transaction.atomic():
        RuleSetVersion.objects.filter(pk=version.pk).update(
            state="approved", approved_by=by.key, approved_at=NOW
        )


BARE = """
[[rule]]
code = "{code}"
kind = "limits"
tests = ["K"]
autoverification = [3, 5]
source = "s"
"""


def test_a_rule_that_no_case_tries_is_approved_only_by_who_says_why(region: Region) -> None:
    version, by = submitted(region, text() + BARE.format(code="bare")), director(region)
    signed(region, version)
    with acting(by), pytest.raises(Refused, match=r"lack a case that they stop.*: bare") as caught:
        actions.approve_rule_set(version, reason="good", untried=" ", by=by, at=NOW)
    assert "untried" in caught.value.fields
    with acting(by):
        actions.approve_rule_set(version, reason="good", untried="tried by hand", by=by, at=NOW)
    assert (version.state, version.review_note) == ("approved", "good [bare: tried by hand]")
    rows = AuditRow.objects.filter(table_name="rule_set", row_id=version.pk).order_by("-block_id")
    assert rows[0].block.reason == "good [bare: tried by hand]"


def test_half_a_proof_is_none(region: Region) -> None:
    half = '[[case]]\nrule = "bare"\ntest = "K"\nvalue = "4.2"\nfires = false\n'
    version, by = submitted(region, text() + BARE.format(code="bare") + half), director(region)
    signed(region, version)
    with acting(by), pytest.raises(Refused, match="bare"):
        actions.approve_rule_set(version, reason="good", by=by, at=NOW)
    assert untried_rules(version, NOW) == {"bare": ["fires"]}


def test_a_laboratory_answers_for_its_own_rules_only(region: Region) -> None:
    words = HUB.format(rule="swap-chemistry") + BARE.format(code="own")
    version, by = submitted(region, words, region.hub), director(region)
    report = signed(region, version).report
    assert report is not None
    assert report["cases"]["uncovered"] == {"own": ["fires", "passes"]}
    with acting(by), pytest.raises(Refused, match="own"):
        actions.approve_rule_set(version, reason="good", by=by, at=NOW)


def test_every_shipped_rule_has_a_case_that_it_stops_and_one_that_it_lets_pass(region: Region) -> None:
    first = RuleSetVersion.objects.get(laboratory=None, version=1)
    assert untried_rules(first, NOW) == {}
    assert first.review_note == "first rules"
    report = first.validations.get().report
    assert report is not None
    assert report["cases"]["run"] > 2 * 25
    assert [one for one in report["cases"]["outcomes"] if not one["passed"]] == []


def test_a_signature_is_of_one_text(region: Region) -> None:
    version, by = submitted(region), director(region)
    signed(region, version)
    with acting(by):
        actions.send_back_rule_set(version, reason="wider", by=by, at=NOW)
    with acting(doctor(region)):
        actions.save_draft(version, text("8"), by=doctor(region), at=NOW)
        actions.submit_rule_set(version, by=doctor(region), at=NOW)
    with acting(by), pytest.raises(Refused, match="validation"):
        actions.approve_rule_set(version, reason="good", by=by, at=NOW)


def test_a_failing_case_cannot_be_signed(region: Region) -> None:
    version = submitted(region, text("4.0"))
    found = validated(region, version)
    assert found.report is not None
    assert (found.report["cases"]["run"], found.report["cases"]["failed"]) == (2, 1)
    with pytest.raises(Refused, match="Cases"):
        signed(region, version)


def test_the_password_is_asked_again(region: Region) -> None:
    with pytest.raises(Forbidden, match="password"):
        signed(region, submitted(region), password="no")


def test_a_signed_report_does_not_change(region: Region) -> None:
    found = signed(region, submitted(region))
    assert (found.signed_by, found.digest) == (director(region).key, found.rule_set.digest)
    with (
        acting(director(region)),
        pytest.raises(DatabaseError, match="does not change"),
        transaction.atomic(),
    ):
        RuleSetValidation.objects.filter(pk=found.pk).update(report={})


@pytest.mark.parametrize("changes", [{"text": "x"}, {"state": "active"}, {"version": 9}, {"drafted_by": "x"}])
def test_the_database_refuses_what_the_actions_would(region: Region, changes: dict[str, Any]) -> None:
    version = submitted(region)
    with acting(doctor(region)), pytest.raises(DatabaseError), transaction.atomic():
        RuleSetVersion.objects.filter(pk=version.pk).update(**changes)


def test_two_versions_never_hold_at_once(region: Region) -> None:
    version, by = approved(region), director(region)
    with acting(by), pytest.raises(DatabaseError, match="one_at_a_time"), transaction.atomic():
        RuleSetVersion.objects.filter(pk=version.pk).update(
            state="active", active_from=NOW, activated_by=by.key
        )


def test_rules_never_hold_from_a_past_moment(region: Region) -> None:
    version, by = approved(region), director(region)
    with acting(by), pytest.raises(Refused, match="past"):
        actions.activate_rule_set(version, since=NOW - HOUR, reason="x", by=by, at=NOW)


def test_retired_rules_hold_everything(region: Region) -> None:
    version, by = active(region), director(region)
    with acting(by):
        actions.retire_rule_set(version, reason="wrong", by=by, at=NOW + HOUR)
    assert in_force(region, NOW + HOUR) == 0
    assert current_book(NOW + HOUR).rules_of(None) == ()


def test_what_was_to_come_gives_way(region: Region) -> None:
    later = active(region, since=NOW + 2 * HOUR)
    sooner = active(region, since=NOW + HOUR, words=text("8"))
    later.refresh_from_db()
    assert (later.state, later.active_from) == ("retired", None)
    assert in_force(region, NOW + 3 * HOUR) == sooner.version


def test_what_was_to_come_and_is_retired_gives_its_time_back(region: Region) -> None:
    own, later, last = (
        active(region, NOW + hours * HOUR, HUB.format(rule=rule), region.hub)
        for hours, rule in ((0, "mchc-impossible"), (1, "hct-hgb"), (3, "anion-gap"))
    )
    by = director(region)
    with acting(by):
        actions.retire_rule_set(later, reason="faulty", by=by, at=NOW)
    found = [in_force(region, NOW + hours * HOUR, region.hub) for hours in (0, 2, 3)]
    assert found == [own.version, own.version, last.version]
    with acting(by):
        actions.retire_rule_set(last, reason="faulty", by=by, at=NOW)
    assert in_force(region, NOW + 4 * HOUR, region.hub) == own.version


def test_what_ended_before_ends_no_later_when_it_is_retired(region: Region) -> None:
    version, by = active(region, since=NOW + HOUR), director(region)
    with acting(by):
        first = RuleSetVersion.objects.get(laboratory=None, version=1)
        actions.retire_rule_set(first, reason="done", by=by, at=NOW + 2 * HOUR)
    assert (first.active_until, in_force(region, NOW + HOUR)) == (NOW + HOUR, version.version)


def test_a_hub_stands_upon_the_networks_rules(region: Region) -> None:
    version = active(region, words=HUB.format(rule="mchc-impossible"), laboratory=region.hub)
    kept = current_book(NOW)
    own = {one.code for one in kept.rules_of(region.hub.pk)}
    assert {one.code for one in kept.rules_of(None)} - own == {"mchc-impossible"}
    assert in_force(region, NOW, region.hub) == version.version == 1


def test_a_network_set_that_breaks_a_hubs_is_not_put_in_force(region: Region) -> None:
    active(region, words=HUB.format(rule="mchc-impossible"), laboratory=region.hub)
    with pytest.raises(Refused, match="TUL-HUB"):
        active(region)


def test_a_hubs_set_must_name_itself(region: Region) -> None:
    with pytest.raises(Refused, match="TUL-HUB"):
        submitted(region, laboratory=region.hub)


def test_other_laboratories_write_their_own(region: Region) -> None:
    stranger = one_with(region, "technologist")
    with acting(stranger), pytest.raises(Forbidden):
        actions.draft_rule_set(text(), laboratory=None, note="x", by=stranger, at=NOW)
    rapid = next(site for site in region.sites.values() if site.kind == Site.Kind.RAPID_LABORATORY)
    by = doctor(region)
    with acting(by), pytest.raises(Forbidden, match="another laboratory"):
        actions.draft_rule_set(text(), laboratory=rapid, note="x", by=by, at=NOW)


def test_two_writers_do_not_overwrite_each_other(region: Region) -> None:
    version, by = drafted(region), doctor(region)
    other = RuleSetVersion.objects.get(pk=version.pk)
    with acting(by):
        actions.save_draft(version, text("7.3"), by=by, at=NOW)
        with pytest.raises(Refused, match="meanwhile"):
            actions.save_draft(other, text("7.4"), by=by, at=NOW)


def test_a_draft_can_be_put_away(region: Region) -> None:
    version, by = drafted(region), doctor(region)
    with acting(by):
        actions.discard_draft(version, reason="no", by=by, at=NOW)
    assert version.state == "retired"
