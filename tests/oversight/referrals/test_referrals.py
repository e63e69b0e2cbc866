"""A tube to another region and its results back, both ends in one database: what leaves, what is filed."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.reports.actions import release_reports
from aliquot.flow.reports.models import Report
from aliquot.flow.results.actions import enter_result, release_results
from aliquot.flow.results.models import Result
from aliquot.flow.specimens.actions import accept_specimens
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.federation.actions import Came, open_line
from aliquot.oversight.federation.models import MessageOut
from aliquot.oversight.referrals.actions import (
    agree_partner,
    ask_partners,
    file_told,
    follow_answers,
    send_out,
    take_in,
    tell_results,
)
from aliquot.oversight.referrals.models import Partner, Referral
from aliquot.oversight.referrals.rules.letters import PLACED, RESULTS, Found, Told, write_told
from tests.factories import NOW, make_accepted, make_patient
from tests.regions import Region, one_with

PEER = "moscow"
SECRETS = ("Сокровенная", "Тайна", "11223344595", "1986", "2200000000000020")


def agree(region: Region, peer: str = PEER, **changes: Any) -> Partner:
    """An agreement of our hub with the laboratory of another node."""
    facts: dict[str, Any] = {
        "name_en": "Moscow hub",
        "name_ru": "Москва",
        "prefix": "77",
        "laboratory": region.hub,
    }
    return agree_partner(peer, **(facts | changes), by=region.worker, at=NOW)


@pytest.fixture
def partner(region: Region) -> Partner:
    """The other region's laboratory, which works for our hub and ours for it."""
    open_line(PEER, "", by=region.worker, at=NOW)
    return agree(region)


@pytest.fixture
def tube(region: Region) -> Specimen:
    patient = make_patient(
        region, family_name="Сокровенная", given_name="Тайна", snils=SECRETS[2], policy_number=SECRETS[4]
    )
    return make_accepted(region, "K", "NA", patient=patient)


def sent(region: Region, tube: Specimen, partner: Partner, *codes: str) -> Referral:
    technologist = one_with(region, "technologist", region.hub)
    with acting(technologist):
        referral = send_out(tube, codes or ("K",), to=partner, by=technologist, at=NOW)
    ask_partners([referral.pk], by=region.worker, at=NOW)
    return referral


def letter(kind: str, body: dict[str, Any], sender: str = PEER) -> Came:
    return Came(sender, str(uuid4()), kind, orjson.loads(orjson.dumps(body)), NOW)


def told(referral: Referral, version: int = 1, **changes: Any) -> Came:
    facts = {
        "code": "K",
        "status": "final",
        "value": "4.1",
        "unit": "mmol/L",
        "method_en": "ISE",
        "method_ru": "ИСЭ",
    }
    one = Found(**(facts | changes))
    return letter(RESULTS, write_told(Told(str(referral.uid), version, "Moscow hub", "Москва", (one,))))


def value_of(referral: Referral) -> Result:
    return Result.objects.filter(order_id=referral.order_id).order_by("-pk")[0]


class TestSendingOut:
    def test_the_letter_says_nothing_that_names_the_patient(
        self, region: Region, tube: Specimen, partner: Partner
    ) -> None:
        referral = sent(region, tube, partner)
        body = orjson.dumps(MessageOut.objects.get(kind=PLACED).body).decode()
        assert [secret for secret in SECRETS if secret in body] == []
        assert '"age":{"unit":"a","value":40}' in body or '"age":{"value":40,"unit":"a"}' in body
        assert tube.order.number not in body
        assert referral.state == Referral.State.ASKED

    def test_no_analyzer_is_asked_for_it_any_more(
        self, region: Region, tube: Specimen, partner: Partner
    ) -> None:
        sent(region, tube, partner)
        states = dict(SpecimenTest.objects.filter(specimen=tube).values_list("test__code", "state"))
        assert states == {"K": "referred", "NA": "accepted"}
        with pytest.raises(Refused, match="Not waiting to be measured"):
            sent(region, tube, partner)

    def test_its_step_stands_in_the_tubes_journey(
        self, region: Region, tube: Specimen, partner: Partner
    ) -> None:
        sent(region, tube, partner)
        step = tube.events.get(kind="sent_out")
        assert step.detail == {"to": PEER, "tests": ["K"]}

    def test_without_an_agreement_nothing_leaves(
        self, region: Region, tube: Specimen, partner: Partner
    ) -> None:
        agree(region, until=NOW + timedelta(hours=1))
        technologist = one_with(region, "technologist", region.hub)
        with acting(technologist), pytest.raises(Refused, match="no agreement"):
            send_out(tube, ["K"], to=partner, by=technologist, at=NOW + timedelta(hours=2))

    def test_a_nurse_sends_nothing_out(self, region: Region, tube: Specimen, partner: Partner) -> None:
        nurse = one_with(region, "nurse", region.clinic)
        with acting(nurse), pytest.raises(Forbidden):
            send_out(tube, ["K"], to=partner, by=nurse, at=NOW)

    def test_what_is_refused_there_is_measured_here_again(
        self, region: Region, tube: Specimen, partner: Partner
    ) -> None:
        referral = sent(region, tube, partner)
        asked = MessageOut.objects.get(kind=PLACED)
        MessageOut.objects.filter(pk=asked.pk).update(outcome="refused", answer={"en": "no reagent"})
        follow_answers([asked.pk], by=region.worker, at=NOW)
        referral.refresh_from_db()
        assert (referral.state, referral.said) == ("refused", {"en": "no reagent"})
        assert tube.tests.get(test__code="K").state == "accepted"

    @pytest.mark.usefixtures("partner")
    def test_a_prefix_of_another_site_is_refused(self, region: Region) -> None:
        with pytest.raises(Refused, match="is taken"):
            agree(region, "kurgan")
        with pytest.raises(Refused, match="is no laboratory"):
            agree(region, "kurgan", prefix="78", laboratory=region.clinic)
        with pytest.raises(Refused, match="before it began"):
            agree(region, until=NOW)


class TestFiling:
    def test_a_value_waits_for_a_look_and_names_who_measured_it(
        self, region: Region, tube: Specimen, partner: Partner
    ) -> None:
        referral = sent(region, tube, partner)
        assert file_told(told(referral), region.worker, NOW) == {"steps": {"K": "enter"}}
        result = value_of(referral)
        assert (result.value_text, result.state) == ("4.1", Result.State.HELD)
        assert result.comment == "Выполнено: Москва. ИСЭ / Measured by Moscow hub. ISE"
        assert file_told(told(referral), region.worker, NOW) == {"steps": {}}, "once"

    def test_a_changed_value_replaces_what_waits_and_amends_what_was_released(
        self, region: Region, tube: Specimen, partner: Partner
    ) -> None:
        referral = sent(region, tube, partner)
        file_told(told(referral), region.worker, NOW)
        assert file_told(told(referral, 2, value="4.3"), region.worker, NOW)["steps"] == {"K": "replace"}
        release_results([value_of(referral).pk], by=region.worker, at=NOW)
        amended = told(referral, 3, value="4.4", reason_en="typing error")
        assert file_told(amended, region.worker, NOW)["steps"] == {"K": "amend"}
        newest = value_of(referral)
        assert (newest.value_text, newest.state, newest.amend_reason) == ("4.4", "released", "typing error")

    def test_a_withdrawn_value_is_withdrawn_here(
        self, region: Region, tube: Specimen, partner: Partner
    ) -> None:
        referral = sent(region, tube, partner)
        file_told(told(referral), region.worker, NOW)
        release_results([value_of(referral).pk], by=region.worker, at=NOW)
        gone = told(referral, 2, status="withdrawn", value="", reason_en="wrong tube")
        assert file_told(gone, region.worker, NOW)["steps"] == {"K": "withdraw"}
        assert value_of(referral).state == Result.State.WITHDRAWN
        assert OrderItem.objects.get(order=tube.order, test__code="K").state == OrderItem.State.OPEN

    def test_a_test_that_was_not_done_there_is_given_up_with_the_reason(
        self, region: Region, tube: Specimen, partner: Partner
    ) -> None:
        referral = sent(region, tube, partner)
        never = told(referral, status="not_performed", value="", reason_en="Haemolysed")
        file_told(never, region.worker, NOW)
        item = OrderItem.objects.get(order=tube.order, test__code="K")
        assert (item.state, item.state_reason) == (OrderItem.State.NOT_PERFORMED, "Haemolysed")

    def test_an_older_version_that_comes_late_changes_nothing(
        self, region: Region, tube: Specimen, partner: Partner
    ) -> None:
        referral = sent(region, tube, partner)
        file_told(told(referral, 2, value="4.3"), region.worker, NOW)
        assert file_told(told(referral, 1), region.worker, NOW) == {"steps": {}}
        assert value_of(referral).value_text == "4.3"

    def test_another_unit_is_not_guessed(self, region: Region, tube: Specimen, partner: Partner) -> None:
        referral = sent(region, tube, partner)
        with pytest.raises(Refused, match="came in mg/dL"):
            file_told(told(referral, unit="mg/dL"), region.worker, NOW)
        assert not Result.objects.filter(order_id=referral.order_id).exists()

    def test_a_letter_of_another_node_files_nothing(
        self, region: Region, tube: Specimen, partner: Partner
    ) -> None:
        referral = sent(region, tube, partner)
        body = dict(told(referral).body)
        with pytest.raises(Refused, match="No referral"):
            file_told(letter(RESULTS, body, sender="kurgan"), region.worker, NOW)
        with pytest.raises(Refused, match="lacks version"):
            file_told(letter(RESULTS, {**body, "version": "1"}), region.worker, NOW)

    def test_a_test_that_was_not_asked_for_is_left_alone(
        self, region: Region, tube: Specimen, partner: Partner
    ) -> None:
        referral = sent(region, tube, partner)
        assert file_told(told(referral, code="NA"), region.worker, NOW) == {"steps": {}}


@pytest.fixture
def asked(region: Region, tube: Specimen, partner: Partner) -> Came:
    """The letter as it comes to the other region, whose tubes have other numbers."""
    sent(region, tube, partner)
    body = {**MessageOut.objects.get(kind=PLACED).body, "number": "7701000015"}
    return letter(PLACED, body)


class TestTakingIn:
    def test_an_order_of_somebody_without_a_name_waits_for_its_tube(
        self, region: Region, partner: Partner, asked: Came
    ) -> None:
        number = take_in(asked, region.worker, NOW)["order"]
        assert take_in(asked, region.worker, NOW) == {"order": number}, "once"
        order = Order.objects.select_related("patient").get(number=number)
        assert order.patient.full_name == asked.body["pseudonym"]
        assert (order.patient.is_unidentified, order.patient.sex) == (True, "F")
        assert order.ordering_site_id == partner.site_id
        desk = one_with(region, "receptionist", region.hub)
        with acting(desk):
            (taken,) = accept_specimens(["7701000015"], site=region.hub, by=desk, at=NOW)
        assert taken.kind.value == "accepted"

    def test_its_results_go_back_version_by_version(self, region: Region, asked: Came) -> None:
        number = take_in(asked, region.worker, NOW)["order"]
        accept_specimens(["7701000015"], site=region.hub, by=region.worker, at=NOW)
        item = OrderItem.objects.get(order__number=number, test__code="K")
        result = enter_result(item, "4.1", by=region.worker, at=NOW)
        release_results([result.pk], by=region.worker, at=NOW)
        release_reports([item.order_id], by=region.worker, at=NOW)
        assert Report.objects.filter(order_id=item.order_id).exists()
        for _ in range(2):
            tell_results([item.order_id], by=region.worker, at=NOW)
        body = MessageOut.objects.get(kind=RESULTS).body
        (found,) = body["found"]
        assert (body["version"], found["code"], found["value"], found["unit"]) == (1, "K", "4.1", "mmol/L")
        assert not [secret for secret in SECRETS if secret in orjson.dumps(body).decode()]

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("tests", ["NO_SUCH"], "does not hold"),
            ("container", "NO_SUCH", "does not hold"),
            ("pseudonym", None, "lacks pseudonym"),
        ],
    )
    def test_what_cannot_be_done_is_refused_with_words(
        self, region: Region, asked: Came, field: str, value: Any, words: str
    ) -> None:
        with pytest.raises(Refused, match=words), acting(region.worker):
            take_in(letter(PLACED, {**asked.body, field: value}), region.worker, NOW)

    def test_a_number_that_is_known_here_is_refused(
        self, region: Region, asked: Came, tube: Specimen
    ) -> None:
        with pytest.raises(Refused, match="known here already"), acting(region.worker):
            take_in(letter(PLACED, {**asked.body, "number": tube.number}), region.worker, NOW)

    def test_without_an_agreement_nothing_is_taken(self, region: Region, asked: Came) -> None:
        with pytest.raises(Refused, match="no agreement"):
            take_in(Came("kurgan", asked.uid, PLACED, asked.body, NOW), region.worker, NOW)
