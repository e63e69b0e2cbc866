"""The only code that changes what a test on an analyzer stands on."""

from aliquot.flow.quality.actions.standing import Standing, change_release_states, set_release_state

__all__ = ["Standing", "change_release_states", "set_release_state"]
