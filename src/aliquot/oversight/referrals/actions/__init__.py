"""The only code that changes referrals: agree, send out, take in, tell, file."""

from aliquot.oversight.referrals.actions.agreeing import agree_partner
from aliquot.oversight.referrals.actions.receiving import take_in, tell_results
from aliquot.oversight.referrals.actions.sending import (
    ask_partners,
    file_told,
    follow_answers,
    send_out,
)

__all__ = [
    "agree_partner",
    "ask_partners",
    "file_told",
    "follow_answers",
    "send_out",
    "take_in",
    "tell_results",
]
