"""What the structure of a message shows of bytes that were lost or changed: MLLP itself has no checksum.

Segment names are those of HL7 v2.8 appendix A; a message type has the form of HL7 v2.5.1 2.15.9.9.
"""

import re
from functools import lru_cache

from aliquot.wire.hl7.message import Hl7Message

_KIND = re.compile(r"[A-Z]{3}(?:[\^_][A-Z][A-Z0-9]{2})? *\Z")  # some write ORU_R01
_TYPES = frozenset("NM ST TX FT CE CWE SN IS ED RP DR DT DTM TM TS EI NR CF".split())  # noqa: SIM905 - OBX-2, table 0125
_ESSENTIAL = ("OBX", "OBR", "SPM", "ORC", "NTE", "PID", "SAC", "INV", "TCD", "TQ1", "MSA", "QPD")
_STANDARD = frozenset(
    """
    ABS ACC ADD AFF AIG AIL AIP AIS AL1 APR ARQ ARV AUT BHS BLC BLG BPO BPX BTS BTX BUI CDM CDO CER CM0
    CM1 CM2 CNS CON CSP CSR CSS CTD CTI CTR DB1 DG1 DMI DON DRG DSC DSP DST ECD ECR EDU EQP EQU ERR EVN
    FAC FHS FT1 FTS GOL GP1 GP2 GT1 IAM IAR IIM ILT IN1 IN2 IN3 INV IPC IPR ISD ITM IVC IVT LAN LCC LCH
    LDP LOC LRL MCP MFA MFE MFI MRG MSA MSH NCK NDS NK1 NPU NSC NST NTE OBR OBX ODS ODT OH1 OH2 OH3 OH4
    OM1 OM2 OM3 OM4 OM5 OM6 OM7 OMC ORC ORG OVR PAC PCE PCR PD1 PDA PDC PEO PES PID PKG PM1 PMT PR1 PRA
    PRB PRC PRD PRT PSG PSH PSL PSS PTH PV1 PV2 PYE QAK QID QPD QRD QRF QRI RCP RDF RDT REL RF1 RFI RGS
    RMI RQ1 RQD RXA RXC RXD RXE RXG RXO RXR RXV SAC SCD SCH SCP SDD SFT SGH SGT SHP SID SLT SPM STF STZ
    TCC TCD TQ1 TQ2 TXA UAC UB1 UB2 URD URS VAR VND
    """.split()  # noqa: SIM905 - a list of 187 words, one a line, is no easier to check
)


def damage_of(message: Hl7Message) -> str:
    """Return in words what shows that bytes of the message are lost or changed; empty when nothing does."""
    if not _KIND.match(message.kind):
        return f"MSH-9 names no message type: {message.header.field(9)[:40]!r}"
    if not any(message.header.field(number) for number in (10, 11, 12)):
        return "the header breaks off: MSH-10, MSH-11 and MSH-12 are empty"
    names = [segment.text[:3] for segment in message.segments]
    for name in set(names) - _STANDARD:
        if essential := _nearly(name):
            return f"a segment is called {name!r}, which is {essential} but for one letter"
    if any(order.field(2) in _TYPES for order in message.every("OBR")):
        return "an OBR has a type of value where its order number stands: it was an OBX"
    text = str(message)
    return _joined(text, names, message.delimiters.field) or _torn(text, message.delimiters.field)


def _joined(text: str, names: list[str], separator: str) -> str:
    """Whether a segment begins inside another: the CR between them is gone."""
    if all(text.count(name + separator) == names.count(name) for name in ("OBX", "OBR", "SPM", "ORC", "NTE")):
        return ""
    found = _beginnings(separator).search(text)
    return f"a segment's end is missing in front of {found[0][:3]}" if found else ""


@lru_cache(maxsize=16)
def _beginnings(separator: str) -> re.Pattern[str]:
    s = re.escape(separator)
    forms = (
        rf"OBX{s}\d*{s}[A-Z]{{0,3}}{s}",
        rf"(?:OBR|SPM){s}\d*(?:{s}|$)",
        rf"ORC{s}[A-Z]{{2}}(?:{s}|$)",
        rf"NTE{s}\d*{s}[A-Z]?{s}",
    )
    return re.compile(rf"(?<![\r\n])(?:{'|'.join(forms)})", re.MULTILINE)


def _torn(text: str, separator: str) -> str:
    """Whether a line that is no segment begins nearly like one: a letter of its name came or went."""
    for found in _breaks(separator).finditer(text):
        rest = text[found.end() : found.end() + 12]  # it may run on over the next break
        for name in (rest[:size] for size in (2, 3, 4) if rest[size : size + 1] in (separator, "")):
            if essential := _nearly(name):
                return f"a line begins with {name!r}, which is {essential} but for one letter"
        if _unseparated(separator).match(rest):
            return f"the separator behind {rest[:3]} is missing"
    return ""


@lru_cache(maxsize=16)
def _breaks(separator: str) -> re.Pattern[str]:
    return re.compile(rf"\n(?=.{{2,8}}{re.escape(separator)}|.{{2,4}}\Z)", re.DOTALL)


@lru_cache(maxsize=16)
def _unseparated(separator: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(_ESSENTIAL)}).?(?:\d*|[A-Z]{{2}}){re.escape(separator)}", re.DOTALL)


def _nearly(name: str) -> str:
    """Return the essential segment whose name differs in one letter, or an empty text."""
    if not 2 <= len(name) <= 4 or name.startswith("Z"):  # noqa: PLR2004 - a name of three letters, one more or less
        return ""
    return next((one for one in _ESSENTIAL if one != name and _differ_by_one(one, name)), "")


def _differ_by_one(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) == len(long):
        return sum(a != b for a, b in zip(short, long, strict=True)) == 1
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
