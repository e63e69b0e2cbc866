"""From somebody else's code to a code of the catalogue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from aliquot.flow.exchange.rules.elements import Element
from aliquot.flow.exchange.rules.issues import WARNING
from aliquot.flow.exchange.rules.systems import FSLI_1080, LOINC, NMU_804N, TEST

SYSTEMS: Final = {LOINC: "LOINC", NMU_804N: "804n", FSLI_1080: "FSLI", TEST: "the catalogue's own codes"}
_LOOKS_LATIN: Final = str.maketrans("АВСЕНКМОРТХ", "ABCEHKMOPTX")


@dataclass(frozen=True, slots=True)
class Orderable:
    """A test or a panel of the catalogue with its codes in other systems."""

    code: str
    loinc: str = ""
    nmu_804n: str = ""
    fsli_1080: str = ""
    is_panel: bool = False


@dataclass(frozen=True, slots=True)
class CodeBook:
    """What each (system, code) may mean, in the order of the catalogue, panels first."""

    entries: Mapping[tuple[str, str], tuple[Orderable, ...]]

    def meanings(self, system: str, code: str) -> tuple[Orderable, ...]:
        """What a coding may mean; a coding without a system is a code of the catalogue.

        Cyrillic letters that look Latin are taken as Latin: published lists of 804n codes hold both.
        """
        return self.entries.get((system or TEST, code.translate(_LOOKS_LATIN)), ())


def make_codebook(orderables: Iterable[Orderable]) -> CodeBook:
    """The code book of a catalogue. A code that a panel carries means the panel, not the tests inside it."""
    found: dict[tuple[str, str], list[Orderable]] = {}
    for one in sorted(orderables, key=lambda each: not each.is_panel):
        named = ((LOINC, one.loinc), (NMU_804N, one.nmu_804n), (FSLI_1080, one.fsli_1080), (TEST, one.code))
        for system, code in named:
            if code:
                found.setdefault((system, code), []).append(one)
    return CodeBook({key: _panels_or_all(meant) for key, meant in found.items()})


def read_code(concept: Element, book: CodeBook) -> str:
    """The catalogue's code of a CodeableConcept, or empty with the faults kept.

    All codings are asked; what fits every known one is meant. Several meanings that one LOINC code shares
    (the same glucose from two tubes) are answered with the first of the catalogue and a warning; others are
    refused by name.
    """
    codings = concept.many("coding")
    if not codings:
        if "coding" not in concept.value:
            concept.fault(
                "required", "The test has no code.", "Send coding with system and code.", at="coding"
            )
        return ""
    meanings = [found for coding in codings if (found := _meanings(coding, book))]
    if not meanings:
        _refuse_all(codings)
        return ""
    common = [one for one in meanings[0] if all(one in others for others in meanings[1:])]
    if not common:
        concept.fault(
            "conflict",
            "The codings of this test mean different tests.",
            "Send codings of one test.",
            at="coding",
        )
        return ""
    return _choose(common, codings[0])


def _panels_or_all(meant: list[Orderable]) -> tuple[Orderable, ...]:
    panels = [one for one in meant if one.is_panel]
    return tuple(panels or meant)


def _meanings(coding: Element, book: CodeBook) -> tuple[Orderable, ...]:
    return book.meanings(coding.text("system"), coding.text("code", required=True))


def _refuse_all(codings: list[Element]) -> None:
    known = ", ".join(f"{system} ({name})" for system, name in SYSTEMS.items())
    for coding in codings:
        system, code = coding.value.get("system", TEST), coding.value.get("code")
        if not isinstance(code, str):
            continue
        if system not in SYSTEMS:
            coding.fault(
                "not-supported",
                f"The code system {system!r} is not known here.",
                f"Send one of: {known}.",
                at="system",
            )
        else:
            coding.fault(
                "not-found", f"The catalogue holds no test or panel {code!r} of {SYSTEMS[system]}.",
                "Choose a code of the catalogue.", at="code",
            )  # fmt: skip


def _choose(common: list[Orderable], coding: Element) -> str:
    first = common[0]
    if len(common) == 1:
        return first.code
    names = ", ".join(one.code for one in common)
    if first.loinc and all(one.loinc == first.loinc for one in common):
        coding.fault(
            "multiple-matches", f"This code fits {names}; {first.code} is taken.",
            f"Add a coding of the system {TEST} to choose.", at="code", severity=WARNING,
        )  # fmt: skip
        return first.code
    coding.fault(
        "multiple-matches",
        f"This code fits {names}.",
        f"Add a coding of the system {TEST} to choose.",
        at="code",
    )
    return ""
