"""Illnesses of made-up adults: how common, what they change, how long one lasts.

Source: general knowledge of internal medicine; the shares are those of a mixed hospital and its clinics, and
of no one place. They make values of one patient move together, and change between two visits, as true values
do. They decide how many results are held for good reason, and so are told beside every figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Setting = Literal["clinic", "ward", "intensive"]
SETTINGS: Mapping[Setting, float] = {"clinic": 0.60, "ward": 0.32, "intensive": 0.08}


@dataclass(frozen=True, slots=True)
class Condition:
    """Shares by setting; changes of the natural logarithm at severity 1; days in which it comes and goes."""

    name: str
    clinic: float
    ward: float
    intensive: float
    days: float
    changes: Mapping[str, float]

    def share(self, setting: Setting) -> float:
        return {"clinic": self.clinic, "ward": self.ward, "intensive": self.intensive}[setting]


CONDITIONS = (
    Condition("chronic kidney", 0.06, 0.15, 0.15, 200, {
        "CREA": 0.5, "UREA": 0.5, "PHOS": 0.12, "K": 0.06, "UA": 0.15, "CA": -0.02,
        "HGB": -0.08, "ALB": -0.02,
    }),
    Condition("acute kidney", 0.0, 0.06, 0.25, 4, {
        "CREA": 0.5, "UREA": 0.5, "PHOS": 0.15, "K": 0.08, "MG": 0.06, "CA": -0.02,
    }),
    Condition("liver cells", 0.03, 0.06, 0.10, 15, {
        "ALT": 0.9, "AST": 0.8, "LDH": 0.2, "GGT": 0.5, "BILT": 0.3, "BILD": 0.6,
    }),
    Condition("bile", 0.01, 0.04, 0.05, 15, {
        "ALP": 0.5, "GGT": 1.0, "BILT": 0.9, "BILD": 1.4, "ALT": 0.4, "CHOL": 0.05,
    }),
    Condition("inflammation", 0.06, 0.40, 0.80, 5, {
        "CRP": 1.9, "WBC": 0.25, "PLT": 0.08, "ALB": -0.08, "FE": -0.4, "HGB": -0.03, "CA": -0.015,
    }),
    Condition("lack of iron", 0.06, 0.08, 0.05, 120, {
        "HGB": -0.14, "MCV": -0.07, "MCHC": -0.015, "RDWCV": 0.12, "FE": -0.5, "PLT": 0.08,
    }),
    Condition("large cells", 0.02, 0.04, 0.05, 120, {
        "MCV": 0.06, "GGT": 0.6, "AST": 0.3, "PLT": -0.15, "UA": 0.08, "RDWCV": 0.04,
    }),
    Condition("diabetes", 0.09, 0.15, 0.25, 20, {"GLUS": 0.35, "TRIG": 0.2, "NA": -0.006}),
    Condition("bleeding", 0.0, 0.05, 0.15, 2, {"HGB": -0.14, "GLOB": -0.06, "ALB": -0.06, "UREA": 0.15}),
    Condition("water lost", 0.01, 0.06, 0.10, 2, {
        "NA": 0.025, "CL": 0.025, "UREA": 0.3, "ALB": 0.04, "GLOB": 0.04, "HGB": 0.03,
    }),
    Condition("water kept", 0.01, 0.08, 0.15, 3, {
        "NA": -0.02, "CL": -0.022, "ALB": -0.05, "GLOB": -0.04, "HGB": -0.04,
    }),
    Condition("fats", 0.18, 0.10, 0.05, 300, {"LDL": 0.25, "TRIG": 0.35, "HDL": -0.08}),
    Condition("muscle", 0.01, 0.04, 0.08, 3, {"CK": 1.3, "AST": 0.5, "LDH": 0.3, "ALT": 0.15}),
    Condition("potassium lost", 0.02, 0.07, 0.10, 4, {"K": -0.12, "MG": -0.07, "CL": -0.015}),
    Condition("marrow", 0.004, 0.03, 0.04, 7, {"WBC": -0.6, "PLT": -0.7, "HGB": -0.10}),
)  # fmt: skip
