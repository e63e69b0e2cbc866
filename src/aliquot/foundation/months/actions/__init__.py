"""Make months ahead, put old ones away into files, bring them back."""

from aliquot.foundation.months.actions.archiving import archive_month, finish_archiving
from aliquot.foundation.months.actions.preparing import gather_strays, prepare_months
from aliquot.foundation.months.actions.restoring import restore_month

__all__ = ["archive_month", "finish_archiving", "gather_strays", "prepare_months", "restore_month"]
