"""Every calculation by name: its formulas, their units, and how each answers when an input rises."""

import re
from collections.abc import Mapping
from functools import lru_cache

from aliquot.registers.catalogue.rules.calculators import (
    blood,
    electrolytes,
    kidney,
    lipids,
    liver,
    metabolism,
)
from aliquot.registers.catalogue.rules.calculators.calculation import Calculation, Form, Formula, Output

_GFR = "mL/min/{1.73_m2}"
_MG = {"scr": "mg/dL", "scys": "mg/L", "age": "a", "height": "cm", "weight": "kg"}
_LIPIDS = {"tc": "mg/dL", "hdl": "mg/dL", "tg": "mg/dL"}
_LIPIDS_MMOL = {"tc": "mmol/L", "hdl": "mmol/L", "tg": "mmol/L"}
_IONS = dict.fromkeys(("na", "k", "cl", "hco3"), "mmol/L")


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


def _one(name: str, pattern: str, units: Mapping[str, str], *outputs: Output) -> Calculation:
    return Calculation(name, re.compile(pattern), (Form(units, outputs),))


def _superseded(name: str, pattern: str, units: Mapping[str, str], *outputs: Output) -> Calculation:
    return Calculation(name, re.compile(pattern), (Form(units, outputs),), is_superseded=True)


def _two(name: str, pattern: str, first: Form, second: Form) -> Calculation:
    return Calculation(name, re.compile(pattern), (first, second))


def _egfr(formula: Formula, falls: str) -> Output:
    return Output("egfr", formula, _GFR, falls=_set(falls))


def _ldl(
    unit: str, friedewald: Formula, martin: Formula, sampson: Formula, vldl: Formula
) -> tuple[Output, ...]:
    capped = _set("tg")
    return (
        Output("friedewald", friedewald, unit, _set("tc"), _set("hdl tg"), capped),
        Output("martin_hopkins", martin, unit, capped=capped),
        Output("sampson", sampson, unit, capped=capped),
        Output("non_hdl", lipids.non_hdl, unit, _set("tc"), _set("hdl")),
        Output("vldl", vldl, unit, _set("tg"), frozenset(), capped),
    )


CALCULATIONS: tuple[Calculation, ...] = (
    _one(
        "CKD-EPI 2021 creatinine-cystatin C",
        r"ckd.*2021.*cys",
        _MG,
        _egfr(kidney.ckd_epi_2021_both, "scr scys age"),
    ),
    _superseded(
        "CKD-EPI 2012 creatinine-cystatin C",
        r"ckd.*2012.*cr.*cys",
        _MG,
        _egfr(kidney.ckd_epi_2012_both, "scr scys age"),
    ),
    _one(
        "CKD-EPI 2012 cystatin C", r"ckd.*cys|cystatin", _MG, _egfr(kidney.ckd_epi_2012_cystatin, "scys age")
    ),
    _one(
        "Cockcroft-Gault",
        r"cockcroft|creatinine clearance|crcl",
        _MG,
        Output("crcl", kidney.cockcroft_gault, "mL/min", _set("weight"), _set("scr age")),
    ),
    _one(
        "Schwartz bedside",
        r"schwartz",
        _MG,
        Output("egfr", kidney.schwartz_bedside, _GFR, _set("height"), _set("scr")),
    ),
    _superseded("MDRD-175", r"mdrd", _MG, _egfr(kidney.mdrd_175, "scr age")),
    _superseded("CKD-EPI 2009 creatinine", r"ckd.*2009", _MG, _egfr(kidney.ckd_epi_2009, "scr age")),
    _one("CKD-EPI 2021 creatinine", r"ckd|gfr", _MG, _egfr(kidney.ckd_epi_2021, "scr age")),
    _two(
        "LDL",
        r"\bldl\b|friedewald|martin|hopkins|sampson",
        Form(
            _LIPIDS,
            (
                *_ldl("mg/dL", lipids.friedewald, lipids.martin_hopkins, lipids.sampson, lipids.vldl),
                Output("mh_factor", lipids.martin_hopkins_factor, "1"),
            ),
        ),
        Form(
            _LIPIDS_MMOL,
            _ldl(
                "mmol/L",
                lipids.friedewald_mmol,
                lipids.martin_hopkins_mmol,
                lipids.sampson_mmol,
                lipids.vldl_mmol,
            ),
        ),
    ),
    _two(
        "Non-HDL cholesterol",
        r"non ?hdl",
        Form(_LIPIDS, (Output("non_hdl", lipids.non_hdl, "mg/dL", _set("tc"), _set("hdl")),)),
        Form(_LIPIDS_MMOL, (Output("non_hdl", lipids.non_hdl, "mmol/L", _set("tc"), _set("hdl")),)),
    ),
    _two(
        "VLDL",
        r"vldl",
        Form(_LIPIDS, (Output("vldl", lipids.vldl, "mg/dL", _set("tg"), frozenset(), _set("tg")),)),
        Form(
            _LIPIDS_MMOL, (Output("vldl", lipids.vldl_mmol, "mmol/L", _set("tg"), frozenset(), _set("tg")),)
        ),
    ),
    _one(
        "Atherogenic coefficient",
        r"coefficient|castelli|klimov",
        _LIPIDS_MMOL,
        Output("atherogenic_coefficient", lipids.atherogenic_coefficient, "1", _set("tc"), _set("hdl")),
    ),
    _one(
        "Atherogenic index of plasma",
        r"atherogenic|\baip\b",
        _LIPIDS_MMOL,
        Output("aip", lipids.atherogenic_index, "1", _set("tg"), _set("hdl")),
    ),
    _one(
        "Anion gap",
        r"anion|\bgap\b.*albumin|delta (gap|ratio)|\bag\b",
        {**_IONS, "albumin": "g/dL"},
        Output("ag", electrolytes.anion_gap, "mmol/L", _set("na k"), _set("cl hco3")),
        Output("ag_corr", electrolytes.corrected_gap, "mmol/L", _set("na k"), _set("cl hco3 albumin")),
        Output("delta_gap", electrolytes.delta_gap, "mmol/L", _set("na"), _set("cl hco3 albumin")),
        Output("delta_ratio", electrolytes.delta_ratio, "1"),
    ),
    _two(
        "Osmolality",
        r"osm",
        Form(
            {**_IONS, "osm": "mosm/kg", "bun": "mg/dL", "glucose": "mg/dL", "ethanol": "mg/dL"},
            (
                Output("osm", electrolytes.osmolality, "mosm/kg", _set("na bun glucose ethanol")),
                Output(
                    "osm_gap",
                    electrolytes.osmolal_gap,
                    "mosm/kg",
                    _set("osm"),
                    _set("na bun glucose ethanol"),
                ),
            ),
        ),
        Form(
            {**_IONS, "osm": "mosm/kg", "urea": "mmol/L", "glucose": "mmol/L", "ethanol": "mmol/L"},
            (
                Output("osm", electrolytes.osmolality_mmol, "mosm/kg", _set("na urea glucose ethanol")),
                Output(
                    "osm_gap",
                    electrolytes.osmolal_gap_mmol,
                    "mosm/kg",
                    _set("osm"),
                    _set("na urea glucose ethanol"),
                ),
            ),
        ),
    ),
    _two(
        "Albumin-corrected calcium",
        r"calcium|\bca\b",
        Form(
            {"ca": "mg/dL", "albumin": "g/dL"},
            (Output("ca_corr_mg_dl", electrolytes.corrected_calcium, "mg/dL", _set("ca"), _set("albumin")),),
        ),
        Form(
            {"ca": "mmol/L", "albumin": "g/L"},
            (
                Output(
                    "ca_corr_mmol_l",
                    electrolytes.corrected_calcium_mmol,
                    "mmol/L",
                    _set("ca"),
                    _set("albumin"),
                ),
            ),
        ),
    ),
    _one(
        "Corrected sodium",
        r"sodium|\bna\b.*correct|correct.*\bna\b",
        {**_IONS, "glucose": "mg/dL"},
        Output("na_corr", electrolytes.corrected_sodium, "mmol/L", _set("na")),
    ),
    _two(
        "HOMA-IR",
        r"homa",
        Form(
            {"insulin": "u[IU]/mL", "glucose": "mg/dL"},
            (Output("homa_ir", metabolism.homa_ir, "1", _set("insulin glucose")),),
        ),
        Form(
            {"insulin": "u[IU]/mL", "glucose": "mmol/L"},
            (Output("homa_ir", metabolism.homa_ir_mmol, "1", _set("insulin glucose")),),
        ),
    ),
    _one(
        "QUICKI",
        r"quicki",
        {"insulin": "u[IU]/mL", "glucose": "mg/dL"},
        Output("quicki", metabolism.quicki, "1", falls=_set("insulin glucose")),
    ),
    _one(
        "FENa",
        r"fe ?na|excretion of (na|sodium)|sodium excretion",
        {"na": "mmol/L", "una": "mmol/L", "scr": "mg/dL", "ucr": "mg/dL"},
        Output("fena", kidney.fena, "%", _set("una scr"), _set("na ucr")),
    ),
    _one(
        "FEurea",
        r"fe ?u|excretion of urea|urea excretion",
        {"bun": "mg/dL", "uun": "mg/dL", "scr": "mg/dL", "ucr": "mg/dL"},
        Output("feurea", kidney.feurea, "%", _set("uun scr"), _set("bun ucr")),
    ),
    _one(
        "Transferrin saturation",
        r"transferrin|tsat|iron sat",
        {"iron": "umol/L", "tibc": "umol/L"},
        Output("tsat", metabolism.transferrin_saturation, "%", _set("iron"), _set("tibc")),
    ),
    _one(
        "Transferrin saturation by transferrin",
        r"transferrin|tsat|iron sat",
        {"iron": "umol/L", "transferrin": "g/L"},
        Output("tsat", metabolism.saturation_of_transferrin, "%", _set("iron"), _set("transferrin")),
    ),
    _one(
        "Albumin/creatinine ratio",
        r"albumin.*creatinine|\bu?acr\b",
        {"ualb": "mg/L", "ucr": "mmol/L"},
        Output("acr_mg_mmol", kidney.albumin_creatinine, "mg/mmol", _set("ualb"), _set("ucr")),
        Output("acr_mg_g", kidney.albumin_creatinine_mg_g, "mg/g", _set("ualb"), _set("ucr")),
    ),
    _one(
        "Protein/creatinine ratio",
        r"protein.*creatinine|\bu?pcr\b",
        {"uprot": "mg/L", "ucr": "mmol/L"},
        Output("pcr_mg_mmol", kidney.protein_creatinine, "mg/mmol", _set("uprot"), _set("ucr")),
        Output("pcr_mg_g", kidney.protein_creatinine_mg_g, "mg/g", _set("uprot"), _set("ucr")),
    ),
    _one(
        "MELD 3.0",
        r"meld ?3",
        {"bilirubin": "mg/dL", "inr": "1", "scr": "mg/dL", "na": "mmol/L", "albumin": "g/dL"},
        Output("meld_3", liver.meld_3, "1"),
    ),
    _one(
        "MELD-Na",
        r"meld ?na",
        {"bilirubin": "mg/dL", "inr": "1", "scr": "mg/dL", "na": "mmol/L"},
        Output("meld_na", liver.meld_na, "1"),
        Output("meld", liver.meld, "1"),
    ),
    _one(
        "MELD",
        r"meld",
        {"bilirubin": "mg/dL", "inr": "1", "scr": "mg/dL"},
        Output("meld", liver.meld, "1"),
    ),
    _one(
        "INR",
        r"\binr\b|international normali[sz]ed",
        {"pt": "s", "pt_normal": "s", "isi": "1"},
        Output("inr", blood.inr, "1", _set("pt"), _set("pt_normal")),
    ),
    _one(
        "FIB-4",
        r"fib ?4",
        {"age": "a", "ast": "U/L", "alt": "U/L", "platelets": "10*9/L"},
        Output("fib4", liver.fib_4, "1", _set("age ast"), _set("alt platelets")),
    ),
    _one(
        "APRI",
        r"apri",
        {"ast": "U/L", "ast_limit": "U/L", "platelets": "10*9/L"},
        Output("apri", liver.apri, "1", _set("ast"), _set("ast_limit platelets")),
    ),
    _one(
        "AST/ALT ratio",
        r"ritis|ast.*alt",
        {"ast": "U/L", "alt": "U/L"},
        Output("ast_alt", liver.de_ritis, "1", _set("ast"), _set("alt")),
    ),
    _one(
        "Indirect bilirubin",
        r"bilirubin",
        {"bilirubin": "umol/L", "direct": "umol/L"},
        Output("bilirubin_indirect", liver.indirect_bilirubin, "umol/L", _set("bilirubin"), _set("direct")),
    ),
    _one(
        "Globulin",
        r"globulin|a g ratio",
        {"protein": "g/L", "albumin": "g/L"},
        Output("globulin", liver.globulin, "g/L", _set("protein"), _set("albumin")),
        Output("ag_ratio", liver.albumin_globulin, "1", _set("albumin"), _set("protein")),
    ),
    _one(
        "Reticulocyte index",
        r"reticulocyte|\brpi\b",
        {"reticulocytes": "%", "hct": "%", "hct_normal": "%"},
        Output("ri", blood.reticulocyte_index, "%", _set("reticulocytes hct"), _set("hct_normal")),
        Output(
            "rpi", blood.reticulocyte_production_index, "1", _set("reticulocytes hct"), _set("hct_normal")
        ),
    ),
    _one(
        "Free/total PSA",
        r"psa",
        {"psa_free": "ug/L", "psa": "ug/L"},
        Output("psa_ratio", blood.free_psa, "%", _set("psa_free"), _set("psa")),
    ),
    _one(
        "HbA1c from mmol/mol",
        r"ngsp|hba1c.*(ifcc|mmol)",
        {"hba1c_ifcc": "mmol/mol"},
        Output("hba1c_ngsp", metabolism.ngsp_of_ifcc, "%", _set("hba1c_ifcc")),
    ),
    _one(
        "HbA1c from percent",
        r"hba1c|average glucose|\beag\b",
        {"hba1c": "%"},
        Output("hba1c_ifcc", metabolism.ifcc_of_ngsp, "mmol/mol", _set("hba1c")),
        Output("eag_mg_dl", metabolism.average_glucose, "mg/dL", _set("hba1c")),
    ),
    _one(
        "MCV",
        r"\bmcv\b",
        {"hct": "%", "rbc": "10*12/L"},
        Output("mcv", blood.mean_cell_volume, "fL", _set("hct"), _set("rbc")),
    ),
    _one(
        "MCHC",
        r"\bmchc\b",
        {"hgb": "g/L", "hct": "%"},
        Output("mchc", blood.mean_cell_concentration, "g/L", _set("hgb"), _set("hct")),
    ),
    _one(
        "MCH",
        r"\bmch\b",
        {"hgb": "g/L", "rbc": "10*12/L"},
        Output("mch", blood.mean_cell_haemoglobin, "pg", _set("hgb"), _set("rbc")),
    ),
)
"""In the order in which a name or a set of inputs is recognised: the more special before the more general."""


@lru_cache(maxsize=1)
def formulas() -> dict[str, tuple[Output, Mapping[str, str]]]:
    """Each formula by its own name, with the units of its inputs."""
    return {
        one.formula.__name__: (one, form.units)
        for calculation in reversed(CALCULATIONS)
        for form in calculation.forms
        for one in form.outputs
    }
