"""What a reason is called in a sentence."""

from collections.abc import Mapping
from types import MappingProxyType

FEW = "Too few results for a consensus."
NO_SPREAD = "The results have no spread to score by."
NO_SIGMA = "Neither sigma nor an allowed deviation is known."
NO_VALUE = "No assigned value is known."
NOT_A_NUMBER = "The result is no number."
UNCERTAIN = "The assigned value is uncertain: scored by z′."
SMALL_GROUP = "Too few results with this method: scored among all."
NO_AGREEMENT = "No result has the majority."
SAMPLE_UNFIT = "The sample could not be measured."
UNEVEN = "The material was not homogeneous enough: part of a deviation may be the sample's."
UNSTABLE = "The material was not stable: part of a deviation may be the sample's."

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "few_participants": FEW,
        "no_spread": NO_SPREAD,
        "no_sigma": NO_SIGMA,
        "no_value": NO_VALUE,
        "not_a_number": NOT_A_NUMBER,
        "assigned_value_uncertain": UNCERTAIN,
        "small_group": SMALL_GROUP,
        "no_agreement": NO_AGREEMENT,
        "sample_unfit": SAMPLE_UNFIT,
        "material_uneven": UNEVEN,
        "material_unstable": UNSTABLE,
    }
)
"""The sentence of each reason why something was not scored, or not as asked, by its code."""
