"""What is said when a rule does not let a person go on."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RISK_RATING: Promise = _("Severity and probability are 1 to 5.")
CHECK_REFUSALS: Mapping[str, Promise] = {
    "own": _("You did one of the actions: let somebody else judge whether they helped."),
    "early": _("The effect is to be looked at on %(day)s; before that it cannot be seen."),
}
CLOSE_REFUSALS: Mapping[str, Promise] = {
    "unfinished": _("It cannot be closed yet: go through its steps first."),
    "risk": _("Only one of low risk is closed after containment: find the cause of this one."),
    "own": _("You had a hand in what was done: let somebody else close it."),
    "unanswered": _("Answer the complaint first."),
}
ACCEPT_REFUSALS: Mapping[str, Promise] = {
    "unrated": _("Rate first what is left of this risk."),
    "uncontrolled": _("Name what controls this risk first."),
    "grown": _("What is left cannot be greater than what was there: rate it again."),
    "high": _("A high risk is not accepted: control it further, or stop what brings it."),
    "director": _("A medium risk is accepted by the director alone."),
}
REPORT_REFUSALS: Mapping[str, Promise] = {
    "empty": _("This audit asks nothing: there is nothing to report."),
    "unanswered": _("Answer every question first."),
    "summary": _("Sum up what was found."),
}
