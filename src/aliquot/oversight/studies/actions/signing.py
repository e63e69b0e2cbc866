"""The signature: plan, data, what was found and concluded are bound by a digest and printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.context import state_reason
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.studies.actions.planning import change, require_right
from aliquot.oversight.studies.documents.contents import as_text, content_of, signature_of
from aliquot.oversight.studies.documents.rendering import LANGUAGES, render
from aliquot.oversight.studies.models import EvaluationStudy, StudyDocument, SupplyRecord
from aliquot.oversight.studies.queries import data_of, studies_seen, supply_of
from aliquot.registers.people.models import Person

State = EvaluationStudy.State


def digest_to_sign(study: EvaluationStudy) -> str:
    """SHA-256 of plan, data, findings and supply as they are now: what somebody reads before signing."""
    content = content_of(study, data_of(study.pk), supply_of(study.pk), {})
    return _digest(as_text({**content, "conclusion": ""}))


@dataclass(frozen=True, slots=True)
class Signature:
    """What the signature says, of what was `read` (`digest_to_sign`), with which conclusion."""

    meaning: str
    read: str
    conclusion: str = ""


def sign_study(
    study: EvaluationStudy, signature: Signature, *, password: str, by: Actor, at: datetime
) -> EvaluationStudy:
    """Answer for a study with name, moment and meaning; the password is asked again.

    Refused before it is evaluated, without a record of supply for a localisation, and when it is not as it
    was read. Keeps the report as a PDF in both languages; the database refuses every later change.
    """
    require_right(study.laboratory_id, "sign_study", by)
    person = _person(password, by)
    with transaction.atomic():
        EvaluationStudy.objects.select_for_update().get(pk=study.pk)
        found = studies_seen().get(pk=study.pk)
        supply = supply_of(found.pk)
        meaning = _meaning(found, signature, supply)
        found.conclusion = signature.conclusion.strip()
        name = f"{person.name_en} / {person.name_ru}"
        content = content_of(found, data_of(found.pk), supply, signature_of(name, meaning, at))
        text = as_text(content)
        digest = _digest(text)
        _keep_documents(found, [(language, render(content, digest, language)) for language in LANGUAGES])
        state_reason(meaning)
        change(
            found,
            State.EVALUATED,
            state=State.SIGNED,
            conclusion=found.conclusion,
            content=text,
            digest=digest,
            signed_at=at,
            signed_by=by.key,
            signed_name=name,
            meaning=meaning,
        )
    return found


def _person(password: str, by: Actor) -> Person:
    if by.person_id is None:
        raise Forbidden(_("A study is signed by a person."))
    person = Person.objects.get(pk=by.person_id)
    if not person.check_password(password):
        words = _("The password is wrong.")
        raise Refused(words, fields={"password": words})
    return person


def _meaning(study: EvaluationStudy, signature: Signature, supply: Mapping[str, SupplyRecord]) -> str:
    """What the signature means; Refused when there is nothing to sign, or not what was read."""
    if study.state != State.EVALUATED:
        raise Refused(_("There is nothing to sign: the study is not evaluated, or is signed already."))
    if signature.read != digest_to_sign(study):
        raise Refused(_("The study is not as you read it. Read it again, then sign."))
    if study.kind == "equivalence" and SupplyRecord.Role.CANDIDATE not in supply:
        raise Refused(_("Record the supply of what is on trial before you sign a localisation."))
    meaning = signature.meaning.strip()
    if not meaning:
        words = _("Say what your signature means.")
        raise Refused(words, fields={"meaning": words})
    return meaning


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _keep_documents(study: EvaluationStudy, rendered: list[tuple[str, bytes]]) -> None:
    StudyDocument.objects.bulk_create(
        StudyDocument(
            study=study,
            laboratory_id=study.laboratory_id,
            language=language,
            content=content,
            digest=sha256(content).hexdigest(),
        )
        for language, content in rendered
    )
