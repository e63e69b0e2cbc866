"""What a worker does for work between regions."""

from datetime import datetime

from aliquot.foundation.context import current_actor
from aliquot.oversight.referrals.actions import ask_partners, follow_answers, tell_results


def ask(referral_ids: list[int], at: datetime) -> None:
    """Send the letters of new referrals."""
    ask_partners(referral_ids, by=current_actor(), at=at)


def follow(message_ids: list[int], at: datetime) -> None:
    """Note what became of referrals at the other node."""
    follow_answers(message_ids, by=current_actor(), at=at)


def tell(order_ids: list[int], at: datetime) -> None:
    """Tell the asking region what was found."""
    tell_results(order_ids, by=current_actor(), at=at)
