"""Patient, Practitioner and PractitionerRole, read from FHIR R4."""

from datetime import date
from typing import Final

from aliquot.flow.exchange.rules.elements import Element
from aliquot.flow.exchange.rules.issues import WARNING
from aliquot.flow.exchange.rules.request_facts import AskedPatient
from aliquot.flow.exchange.rules.systems import POLICY, SNILS
from aliquot.registers.patients.rules.identifiers import (
    POLICY_CHECK,
    SNILS_CHECK,
    Verdict,
    check_policy_number,
    check_snils,
)

GENDERS: Final = {"male": "M", "female": "F", "other": "U", "unknown": "U"}
OF_ANY: Final = {"resourceType", "id", "meta", "language", "text", "contained", "extension"}
OF_PATIENT: Final = OF_ANY | {
    "identifier", "active", "name", "telecom", "gender", "birthDate", "deceasedBoolean", "deceasedDateTime",
    "address", "maritalStatus", "multipleBirthBoolean", "multipleBirthInteger", "photo", "contact",
    "communication", "generalPractitioner", "managingOrganization", "link",
}  # fmt: skip
_EARLIEST: Final = date(1880, 1, 1)
_PARTS_OF_A_NAME: Final = 2


def read_patient(resource: Element) -> AskedPatient:
    """The facts of a Patient; faults are kept. A wrong check digit only warns: real cards carry them.

    Source: FHIR R4 Patient; the numbers as in `registers.patients.rules.identifiers`.
    """
    resource.only(OF_PATIENT)
    family, given, patronymic = read_name(resource)
    snils, snils_doubt = _number(resource, SNILS)
    policy, policy_doubt = _number(resource, POLICY)
    return AskedPatient(
        resource.path,
        family,
        given,
        patronymic,
        birth_date=_birth_date(resource),
        sex=_sex(resource),
        snils=snils,
        policy_number=policy,
        has_doubtful_number=snils_doubt or policy_doubt,
    )


def read_name(resource: Element) -> tuple[str, str, str]:
    """Family name, given name and patronymic of the official name, or of the first one."""
    names = resource.many("name")
    if not names:
        if "name" not in resource.value:
            resource.fault("required", "The name is missing.", "Send name with family and given.", at="name")
        return "", "", ""
    name = next((one for one in names if one.value.get("use") == "official"), names[0])
    given = name.texts("given")
    family = name.text("family") if given or "family" in name.value else ""
    if not family and "text" in name.value:
        words = [*name.text("text").split(maxsplit=_PARTS_OF_A_NAME), "", "", ""]
        return words[0], words[1], words[2]
    if not family:
        name.fault("required", "The family name is missing.", "Send family.", at="family")
    return family, *([*given, "", ""][:_PARTS_OF_A_NAME])  # type: ignore[return-value]


def read_practitioner(resource: Element) -> str:
    """The name of a Practitioner as it is printed on a report."""
    return " ".join(part for part in read_name(resource) if part)


def _birth_date(resource: Element) -> date | None:
    if "birthDate" not in resource.value:
        resource.fault(
            "required",
            "The birth date is missing; limits and identity rest on it.",
            "Send birthDate.",
            at="birthDate",
        )
        return None
    born = resource.date("birthDate")
    if born and born < _EARLIEST:
        resource.fault(
            "value",
            f"Nobody born on {born} is alive.",
            "Compare the birth date with the document.",
            at="birthDate",
        )
        return None
    return born


def _sex(resource: Element) -> str:
    said = resource.code("gender", GENDERS)
    if not said:
        if "gender" not in resource.value:
            resource.fault(
                "required",
                "The sex is missing.",
                "Send gender; unknown is an answer.",
                at="gender",
                severity=WARNING,
            )
        return "U"
    return GENDERS[said]


def _number(resource: Element, system: str) -> tuple[str, bool]:
    found = [one for one in resource.many("identifier") if one.text("system") == system]
    if not found:
        return "", False
    if len({str(one.value.get("value")) for one in found}) > 1:
        found[1].fault(
            "conflict", "There are two different numbers of one kind.", "Send the valid one.", at="value"
        )
        return "", False
    return check_number(found[0], system)


def check_number(identifier: Element, system: str) -> tuple[str, bool]:
    """The digits of an identifier and whether its check digits are wrong; a wrong shape is a fault."""
    said = identifier.text("value", required=True)
    if not said:
        return "", False
    verdict: Verdict = (check_snils if system == SNILS else check_policy_number)(said, lenient=True)
    if not verdict.reason:
        return verdict.number, False
    if verdict.reason in (SNILS_CHECK, POLICY_CHECK):
        identifier.fault(
            "value", verdict.message, "Compare the number with the document.", at="value", severity=WARNING
        )
        return verdict.number, True
    reason = verdict.reason % dict(verdict.values)
    identifier.fault("value", reason, "Compare the number with the document, or leave it out.", at="value")
    return "", False
