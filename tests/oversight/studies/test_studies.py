"""Studies on a real database: planned, given data, evaluated aside, signed once, then never changed."""

from hashlib import sha256
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import translation

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.studies.actions import (
    Planned,
    Signature,
    Supply,
    abandon_study,
    digest_to_sign,
    plan_study,
    record_supply,
    sign_study,
    upload_data,
)
from aliquot.oversight.studies.documents.wording import sentence
from aliquot.oversight.studies.jobs import run_evaluation
from aliquot.oversight.studies.models import EvaluationStudy, StudyData, StudyDocument, SupplyRecord
from aliquot.oversight.studies.queries import latest_data, studies_of, suppliers, supply_of
from aliquot.registers.catalogue.models import Test
from aliquot.registers.people.actions import DEMO_PASSWORD
from tests.factories import NOW
from tests.oversight.studies.made import give, make_study, pairs_file, planned, planner, sign, signer
from tests.regions import Region, one_with

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
State = EvaluationStudy.State
SUPPLY = Supply("Diakon-DS", "Glucose FS", lot="24017", registration="RZN 2019/8412")


def test_a_study_from_plan_to_signature(region: Region) -> None:
    study = make_study(region)
    assert (study.number, study.version, study.state, study.unit) == (1, 1, "planned", "mmol/L")
    give(region, study)
    assert study.state == State.EVALUATED
    assert study.record is not None
    assert study.record["decision"] == "accepted"
    assert study.record["figures"]["WDeming" if study.record["figures"]["method"] == "WDeming" else "Deming"][
        "slope"
    ] == pytest.approx(1.02, abs=0.01)
    signed = sign(region, study, conclusion="Into use from Monday")
    assert signed.state == State.SIGNED
    assert signed.digest == sha256(signed.content.encode()).hexdigest()
    assert signed.signed_by == signer(region).key
    with acting(planner(region)):
        documents = list(StudyDocument.objects.filter(study=signed))
    assert {one.language for one in documents} == {"en", "ru"}
    assert all(bytes(one.content).startswith(b"%PDF") for one in documents)


def test_a_file_is_kept_as_it_was(region: Region) -> None:
    study = make_study(region)
    content = pairs_file(names="tube;x (mmol/L);y").replace(b"\r\n", b"\r\nT1;").replace(b"T1;T1;", b"T1;")
    give(region, study, content)
    with acting(planner(region)):
        kept = latest_data(study.pk)
    assert kept is not None
    assert (bytes(kept.content), kept.digest, kept.rows) == (content, sha256(content).hexdigest(), 40)
    assert study.record is not None
    assert not any("left aside" in sentence(one) for one in study.record["remarks"])


def test_data_may_be_given_again_until_somebody_signs(region: Region) -> None:
    study = make_study(region)
    give(region, study, pairs_file(factor=1.3))
    assert study.record is not None
    assert study.record["decision"] == "rejected"
    give(region, study, pairs_file(factor=1.0))
    assert study.record["decision"] == "accepted"
    with acting(planner(region)):
        assert StudyData.objects.filter(study=study).count() == 2
    sign(region, study)
    with acting(planner(region)), pytest.raises(Refused, match="closed"):
        upload_data(study, "more.csv", pairs_file(), by=planner(region), at=NOW)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x;y\n5,1;5,2\n6;abc\n7;7\n", r"y, B3: 'abc' is not a number"),
        (b"", "holds no rows"),
        (b"x;y\n1;2;3\n", "C2: a value stands in a column without a name"),
        (b"x;y;x\n1;2;3\n", "the column x stands twice"),
        (b"\x00\x01\x02", "cannot be read as a table"),
        (b"# allowable_bias_percent: 50\nx;y\n1;2\n", "allowable_bias_percent stands in the file and not so in the plan"),
        (b"#\nx;y\n1;2\n", "is no statement of the plan"),
    ],
)  # fmt: skip
def test_bad_files_are_refused_by_their_cell(region: Region, content: bytes, said: str) -> None:
    study = make_study(region)
    by = planner(region)
    with acting(by), pytest.raises(Refused, match=said) as fault:
        upload_data(study, "pairs.csv", content, by=by, at=NOW)
    assert "file" in fault.value.fields
    with acting(by):
        study.refresh_from_db()
        assert study.state == State.PLANNED
        assert not StudyData.objects.filter(study=study).exists()


def test_what_only_the_study_can_tell_waits_with_its_reason(region: Region) -> None:
    study = make_study(region)
    give(region, study, b"x;y\n5;5\n6;6\n")
    assert study.state == State.UNUSABLE
    assert study.fault is not None
    assert sentence(study.fault) == "x: 2 complete rows are too few; give at least 3."
    with translation.override("ru"):
        assert sentence(study.fault).startswith("x: полных строк")
    give(region, study)
    assert (study.state, study.fault) == (State.EVALUATED, None)


def test_a_plan_comes_before_the_data(region: Region) -> None:
    by = planner(region)
    with acting(by):
        for changes, field in (
            ({"plan": {}}, "plan"),
            ({"plan": {"allowable_bias": "much"}}, "plan"),
            ({"plan": {"allowable_bias": "-1"}}, "plan"),
            ({"plan": {"allowable_bias": "1", "method": "eyeballing"}}, "plan"),
            ({"plan": {"allowable_bias": "1", "decision_levels": "5; x"}}, "plan"),
            ({"title": " "}, "title"),
            ({"test": None}, "test"),
            ({"kind": "horoscope"}, "kind"),
        ):
            with pytest.raises(Refused) as fault:
                plan_study(region.hub, planned(**changes), by=by, at=NOW)
            assert field in fault.value.fields, changes


def test_a_kind_with_a_rule_of_its_own_needs_no_criterion(region: Region) -> None:
    study = make_study(region, "carry-over")
    give(region, study, b"sequence;value\n" + b"H;10\nH;10.1\nH;9.9\nL;1.1\nL;1\nL;1.05\n" * 3)
    assert study.state == State.EVALUATED


def test_who_may_plan_and_who_may_sign(region: Region) -> None:
    study = make_study(region)
    give(region, study)
    for role in ("technologist", "quality_manager"):
        with pytest.raises(Forbidden, match="sign study"):
            signs_as(region, study, role)
    director = one_with(region, "hub_director")
    with acting(director), pytest.raises(Forbidden, match="run study"):
        plan_study(region.hub, planned(), by=director, at=NOW)
    signs_as(region, study, "hub_director")


def signs_as(region: Region, study: EvaluationStudy, role: str) -> None:
    by = one_with(region, role, region.hub)
    with acting(by):
        signature = Signature("Fit for use", digest_to_sign(study))
        sign_study(study, signature, password=DEMO_PASSWORD, by=by, at=NOW)


def test_a_signature_needs_password_meaning_and_a_finding(region: Region) -> None:
    study = make_study(region)
    with pytest.raises(Refused, match="nothing to sign"):
        sign(region, study)
    give(region, study)
    with pytest.raises(Refused, match="password is wrong"):
        sign(region, study, password="guess")
    with pytest.raises(Refused, match="what your signature means"):
        sign(region, study, meaning=" ")


def test_what_was_read_is_what_is_signed(region: Region) -> None:
    study = make_study(region, "equivalence")
    give(region, study)
    by = planner(region)
    with acting(by):
        read = digest_to_sign(study)
    give(region, study, pairs_file(factor=1.3))
    with pytest.raises(Refused, match="not as you read it"):
        sign(region, study, read=read)
    with acting(by):
        read = digest_to_sign(study)
        record_supply(study, "in_use", SUPPLY, by=by, at=NOW)
    assert run_evaluation(study.pk)
    with pytest.raises(Refused, match="not as you read it"):
        sign(region, study, read=read)


def test_the_database_refuses_to_change_what_is_signed(region: Region) -> None:
    study = make_study(region)
    give(region, study)
    signed = sign(region, study)
    mine = EvaluationStudy.objects.filter(pk=signed.pk)
    with acting(signer(region)):
        changes: list[dict[str, Any]] = [{"conclusion": "no"}, {"record": {}}, {"state": "planned"}]
        for change in changes:
            with pytest.raises(DatabaseError), transaction.atomic():
                mine.update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            mine.delete()
        late = StudyData(study=signed, laboratory=region.hub, content=b"x", digest=sha256(b"x").hexdigest())
        late.rows, late.at = 1, NOW
        with pytest.raises(DatabaseError, match="takes nothing more"), transaction.atomic():
            late.save()
        with pytest.raises(DatabaseError), transaction.atomic():
            StudyDocument.objects.filter(study=signed).update(language="de")


def test_the_database_refuses_a_signature_for_another(region: Region) -> None:
    study = make_study(region)
    give(region, study)
    content = "{}"
    forged = {
        "state": "signed", "content": content, "digest": sha256(content.encode()).hexdigest(),
        "signed_at": NOW, "signed_by": "person:1:director", "meaning": "fit",
    }  # fmt: skip
    with (
        acting(signer(region)),
        pytest.raises(DatabaseError, match="by the person who acts"),
        transaction.atomic(),
    ):
        EvaluationStudy.objects.filter(pk=study.pk).update(**forged)


def test_a_signed_study_is_followed_by_a_version(region: Region) -> None:
    study = make_study(region)
    by = planner(region)
    with acting(by), pytest.raises(Refused, match="before a new version"):
        plan_study(region.hub, planned(), supersedes=study, by=by, at=NOW)
    give(region, study)
    signed = sign(region, study)
    with acting(by):
        second = plan_study(region.hub, planned(), supersedes=signed, by=by, at=NOW)
        assert (second.number, second.version) == (signed.number, 2)
        with pytest.raises(Refused, match="newer version"):
            plan_study(region.hub, planned(), supersedes=signed, by=by, at=NOW)
        other = plan_study(region.hub, planned(), by=by, at=NOW)
        assert (other.number, other.version) == (2, 1)
        assert [one.pk for one in studies_of(region.hub.pk)] == [other.pk, second.pk, signed.pk]


def test_giving_up_keeps_the_reason(region: Region) -> None:
    study = make_study(region)
    by = planner(region)
    with acting(by):
        with pytest.raises(Refused, match="Say why"):
            abandon_study(study, reason=" ", by=by, at=NOW)
        abandon_study(study, reason="wrong reagent", by=by, at=NOW)
        assert (study.state, study.conclusion) == (State.ABANDONED, "wrong reagent")
        with pytest.raises(Refused, match="closed"):
            abandon_study(study, reason="again", by=by, at=NOW)
        with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
            EvaluationStudy.objects.filter(pk=study.pk).update(conclusion="other words")


def test_localisation_needs_its_supply(region: Region) -> None:
    study = make_study(region, "equivalence")
    give(region, study)
    assert study.record is not None
    assert any("record of supply lacks" in sentence(one) for one in study.record["remarks"])
    with pytest.raises(Refused, match="Record the supply"):
        sign(region, study)
    by = planner(region)
    with acting(by):
        with pytest.raises(Refused) as fault:
            record_supply(study, "candidate", Supply("", "Glucose"), by=by, at=NOW)
        assert set(fault.value.fields) == {"supplier"}
        record_supply(study, "candidate", SUPPLY, by=by, at=NOW)
        record_supply(study, "in_use", Supply("Roche", "GLUC3"), by=by, at=NOW)
        study.refresh_from_db()
        assert study.state == State.QUEUED
    assert run_evaluation(study.pk)
    signed = sign(region, study)
    assert '"registration":"RZN 2019/8412"' in signed.content
    with acting(by):
        assert {role: one.supplier for role, one in supply_of(study.pk).items()} == {
            "candidate": "Diakon-DS",
            "in_use": "Roche",
        }
        assert [one.pk for one in suppliers(region.hub.pk)] == [study.pk]
        with pytest.raises(Refused, match="closed"):
            record_supply(study, "candidate", SUPPLY, by=by, at=NOW)
        with pytest.raises(DatabaseError, match="takes nothing more"), transaction.atomic():
            SupplyRecord.objects.filter(study=study).update(lot="other")


def test_another_laboratory_sees_nothing(region: Region) -> None:
    study = make_study(region)
    give(region, study)
    stranger = one_with(region, "technologist", region.sites["TUL-NOV"])
    with acting(stranger):
        assert not EvaluationStudy.objects.exists()
        assert not StudyData.objects.exists()
        with pytest.raises(Forbidden):
            upload_data(study, "pairs.csv", pairs_file(), by=stranger, at=NOW)
        with pytest.raises(Forbidden):
            plan_study(
                region.hub, Planned("lot", "t", {}, test=Test.objects.get(code="K")), by=stranger, at=NOW
            )


def test_one_process_evaluates(region: Region) -> None:
    study = make_study(region)
    assert not run_evaluation(study.pk)
    by = planner(region)
    with acting(by):
        upload_data(study, "pairs.csv", pairs_file(), by=by, at=NOW)
        with pytest.raises(Refused, match="changed meanwhile"):
            upload_data(study, "pairs.csv", pairs_file(), by=by, at=NOW)
    assert run_evaluation(study.pk)
    assert not run_evaluation(study.pk)
