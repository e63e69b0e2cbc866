"""What a document asks for, in our words; the element it came from stays beside each fact."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class AskedPatient:
    """The patient of an order: written down, or named by `known_id` (ours) or by a number.

    `sex` is M, F or U; numbers are digits; `path` is where the sender wrote it.
    """

    path: str
    family_name: str = ""
    given_name: str = ""
    patronymic: str = ""
    birth_date: date | None = None
    sex: str = "U"
    snils: str = ""
    policy_number: str = ""
    known_id: int | None = None
    is_only_number: bool = False
    has_doubtful_number: bool = False


@dataclass(frozen=True, slots=True)
class AskedEntry:
    """An entry of the Bundle as the answer needs it: its resource's type, and the code it ordered."""

    resource_type: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class AskedOrder:
    """One order of one patient: catalogue codes, urgency R or S, who asked, and the sender's own number."""

    patient: AskedPatient
    codes: tuple[str, ...]
    urgency: str
    requester: str
    external_system: str
    external_number: str
    entries: tuple[AskedEntry, ...]
    ward: str = ""
    diagnosis: str = ""
    note: str = ""
    requests_path: str = "Bundle"
