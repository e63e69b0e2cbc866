"""The only code that changes the catalogue: load it, change limits, state what is allowed."""

from aliquot.registers.catalogue.actions.allowing import state_allowable, take_allowable_table
from aliquot.registers.catalogue.actions.limits import DecisionLimits, change_limits
from aliquot.registers.catalogue.actions.loading import DATA, load_catalogue

__all__ = [
    "DATA",
    "DecisionLimits",
    "change_limits",
    "load_catalogue",
    "state_allowable",
    "take_allowable_table",
]
