"""The names and units in which people write the inputs of a calculation: `scr_mg_dl`, `albumin_g_l`."""

import re
from dataclasses import dataclass
from decimal import Decimal

from aliquot.foundation.units import UnitError, are_commensurable, is_valid
from aliquot.registers.catalogue.rules.substances import convert_substance


class InputError(ValueError):
    """What was given is malformed or unknown; the text names the field and what would be right."""


@dataclass(frozen=True, slots=True)
class Given:
    """One input as written: the formula's name for it, value, unit (empty: not said), substance."""

    field: str
    name: str
    value: Decimal
    unit: str
    substance: str


_UNITS = """
mg/dL g/dL g/L mg/L ug/L ng/mL ug/dL ug/mL ng/dL ng/L pg/mL mmol/L umol/L nmol/L pmol/L mol/L meq/L
mg/mmol mg/g mmol/mol mmol/kg mosm/kg mosm/L u[IU]/mL m[IU]/L U/L 10*9/L 10*12/L 10*3/uL 10*6/uL
% kg g cm m mm a mo wk d s fL pg
""".split()  # noqa: SIM905 - codes read better in a row
_SPELLINGS = {
    "uiu_ml": "u[IU]/mL", "uu_ml": "u[IU]/mL", "mciu_ml": "u[IU]/mL", "miu_l": "m[IU]/L", "mu_l": "m[IU]/L",
    "u_l": "U/L", "iu_l": "U/L", "mcg_l": "ug/L", "mcg_dl": "ug/dL", "mcg_ml": "ug/mL", "mcmol_l": "umol/L",
    "10_9_l": "10*9/L", "10e9_l": "10*9/L", "x10_9_l": "10*9/L", "x10e9_l": "10*9/L", "e9_l": "10*9/L",
    "k_ul": "10*3/uL", "x10_3_ul": "10*3/uL", "10_3_ul": "10*3/uL", "10_12_l": "10*12/L", "e12_l": "10*12/L",
    "pct": "%", "percent": "%", "years": "a", "year": "a", "yrs": "a", "yr": "a", "y": "a", "months": "mo",
    "month": "mo", "weeks": "wk", "days": "d", "sec": "s", "seconds": "s", "lb": "[lb_av]", "lbs": "[lb_av]",
    "inch": "[in_i]", "inches": "[in_i]", "in": "[in_i]", "mosmol_kg": "mosm/kg", "mosm_kg": "mosm/kg",
    "mosm_l": "mosm/kg", "meq_l": "meq/L",
}  # fmt: skip

_NAMES = {
    "scr": "scr s_cr serum_creatinine plasma_creatinine creatinine creat crea cr pcr creatinine_serum",
    "ucr": "ucr u_cr urine_creatinine ucreat ucrea u_creat u_creatinine urine_creat urine_cr",
    "scys": "scys s_cys cystatin cystatin_c cysc cys serum_cystatin_c",
    "age": "age age_at_collection",
    "sex": "sex gender",
    "black": "black is_black race race_black african_american",
    "height": "height ht height_length",
    "weight": "weight wt body_weight",
    "tc": "tc chol cholesterol total_cholesterol cholesterol_total",
    "hdl": "hdl hdl_c hdlc hdl_cholesterol",
    "tg": "tg trig trigs triglycerides triglyceride",
    "na": "na sodium serum_na serum_sodium s_na pna plasma_na",
    "k": "k potassium serum_k",
    "cl": "cl chloride",
    "hco3": "hco3 bicarbonate bicarb co2 tco2 hco3a",
    "una": "una u_na urine_na urine_sodium sodium_urine",
    "albumin": "albumin alb serum_albumin",
    "ca": "ca calcium total_calcium serum_calcium ca_total",
    "bun": "bun urea_nitrogen sun",
    "urea": "urea serum_urea plasma_urea",
    "uun": "uun urine_urea_nitrogen u_un urine_bun",
    "uurea": "uurea urine_urea u_urea",
    "glucose": "glucose glu gluc serum_glucose fasting_glucose glucose_fasting fpg",
    "ethanol": "ethanol etoh alcohol",
    "osm": "osm_measured measured_osm measured_osmolality osmolality_measured osm measured",
    "insulin": "insulin ins fasting_insulin insulin_fasting",
    "hba1c": "hba1c a1c hba1c_ngsp",
    "hba1c_ifcc": "hba1c_ifcc ifcc",
    "iron": "iron fe serum_iron",
    "tibc": "tibc",
    "transferrin": "transferrin trf",
    "bilirubin": "bilirubin bili total_bilirubin bilirubin_total tbil bilt tb",
    "direct": "direct direct_bilirubin bilirubin_direct dbil bild conjugated_bilirubin",
    "inr": "inr",
    "dialysis": "dialysis on_dialysis dialysis_twice",
    "ast": "ast got sgot",
    "alt": "alt gpt sgpt",
    "ast_limit": "ast_limit ast_uln uln ast_upper_limit",
    "platelets": "platelets plt platelet_count platelet",
    "protein": "protein total_protein tp protein_total",
    "pt": "pt prothrombin_time pt_patient patient_pt",
    "pt_normal": "pt_normal mnpt mean_normal_pt normal_pt pt_control control_pt pt_mean_normal",
    "isi": "isi",
    "reticulocytes": "reticulocytes retic ret reticulocyte retics reticulocyte_percent retp",
    "hct": "hct haematocrit hematocrit",
    "hct_normal": "hct_normal normal_hct normal_hematocrit",
    "psa": "psa psa_total total_psa tpsa",
    "psa_free": "psa_free free_psa fpsa",
    "ualb": "ualb u_alb urine_albumin albumin_urine microalbumin",
    "uprot": "uprot u_prot urine_protein protein_urine utp",
    "hgb": "hgb hb haemoglobin hemoglobin",
    "rbc": "rbc erythrocytes",
}
_BY_ALIAS = {alias: name for name, aliases in _NAMES.items() for alias in aliases.split()}
_SUBSTANCE = {
    "scr": "creatinine", "ucr": "creatinine", "tc": "cholesterol", "hdl": "cholesterol",
    "tg": "triglycerides", "na": "sodium", "una": "sodium", "k": "potassium", "cl": "chloride",
    "ca": "calcium",
    "bun": "urea_nitrogen", "uun": "urea_nitrogen", "urea": "urea", "uurea": "urea",
    "glucose": "glucose", "ethanol": "ethanol",
    "iron": "iron", "tibc": "iron", "bilirubin": "bilirubin", "direct": "bilirubin",
    "transferrin": "transferrin",
    "hgb": "haemoglobin",
}  # fmt: skip
SAME_SUBSTANCE = {"urea": "bun", "bun": "urea", "uurea": "uun", "uun": "uurea"}
"""Names of one quantity by mass of nitrogen and as urea: either is said by the other through mmol/L."""


def normalised(text: str) -> str:
    """Lower case with single underscores between letters and digits: "S-Cr (mg/dL)" is "s_cr_mg_dl"."""
    cleaned = text.strip().lower().replace("%", "_pct").replace("µ", "u").replace("μ", "u")
    return re.sub(r"[^a-z0-9]+", "_", cleaned).strip("_")


_SUFFIXES = {normalised(unit): unit for unit in _UNITS} | _SPELLINGS


def split_field(field: str) -> tuple[str, str] | None:
    """The formula's name of an input and the UCUM unit in its key (empty: none); None for an unknown name."""
    key = normalised(field)
    if key in _BY_ALIAS:
        return _BY_ALIAS[key], ""
    for cut in (place for place, character in enumerate(key) if character == "_"):
        name, unit = _BY_ALIAS.get(key[:cut]), _SUFFIXES.get(key[cut + 1 :])
        if name and unit:
            return name, unit
    return None


def unit_named(text: str) -> str:
    """A unit as UCUM: a valid code is itself, a usual spelling is translated. Raises InputError otherwise.

    `K/uL` is the usual spelling of thousands, never UCUM's kelvin by volume.
    """
    if is_valid(text) and not text.startswith("K/"):
        return text
    if (known := _SUFFIXES.get(normalised(text))) is not None:
        return known
    raise InputError(f"{text!r} is no UCUM unit: write it as mg/dL, mmol/L, 10*9/L.")


def substance_of(name: str) -> str:
    """The substance whose molar mass belongs to an input; empty: it has none."""
    return _SUBSTANCE.get(name, "")


def in_unit(given: Given, name: str, unit: str) -> Decimal:
    """The value in the unit in which a formula takes the input `name`; an unsaid unit is the formula's.

    Raises InputError, which names the field, when the units measure different things.
    """
    source = given.unit or unit
    try:
        if given.name == name:
            return convert_substance(given.value, source, unit, given.substance)
        moles = convert_substance(given.value, source, "mmol/L", given.substance)
        return convert_substance(moles, "mmol/L", unit, substance_of(name))
    except UnitError as fault:
        raise InputError(f"{given.field}: {fault} The formula takes {unit}.") from fault


def fits(given: Given, unit: str) -> bool:
    """Whether the input was given in a unit of the same kind, so that no molar mass comes in between."""
    return bool(given.unit) and are_commensurable(given.unit, unit)
