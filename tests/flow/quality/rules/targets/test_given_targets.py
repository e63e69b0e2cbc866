"""Targets that peers or a manufacturer say, taken with care."""

from decimal import Decimal

from aliquot.flow.quality.rules.targets.given import fixed, of_peers, of_range
from aliquot.flow.quality.rules.targets.proposals import Origin, Proposal, Summary

GROUP = Summary(40, Decimal(5), Decimal("0.3"))


def told(proposal: Proposal) -> tuple[bool, list[str]]:
    return proposal.is_accepted, [one.message[:30] for one in proposal.reasons]


def test_the_peers_say_the_mean_and_the_own_cv_the_sd() -> None:
    found = of_peers(GROUP, own_cv=Decimal(2), own_mean=Decimal("5.6"))
    assert told(found) == (True, [])
    assert found.target is not None
    assert (found.target.origin, found.target.mean, found.target.sd) == (
        Origin.PEER,
        Decimal(5),
        Decimal("0.1"),
    )


def test_without_an_own_cv_the_group_s_sd_is_said_to_be_wide() -> None:
    for cv in (None, Decimal(0)):
        found = of_peers(GROUP, own_cv=cv)
        assert told(found) == (True, ["The SD is that of the peer gro"])
        assert found.target is not None
        assert found.target.sd == Decimal("0.3")


def test_a_mean_at_zero_has_no_cv() -> None:
    found = of_peers(Summary(40, Decimal(0), Decimal("0.3")), own_cv=Decimal(2))
    assert told(found) == (True, ["A mean at or below zero has no"])


def test_peers_are_not_followed_blindly() -> None:
    assert told(of_peers(Summary(9, Decimal(5), Decimal("0.3")), own_cv=Decimal(2))) == (
        False,
        ["9 laboratories are too few for"],
    )
    assert told(of_peers(GROUP, own_cv=Decimal(2), own_mean=Decimal("4.39"))) == (
        False,
        ["The own mean lies -2.033 SD of"],
    )
    assert of_peers(Summary(40, Decimal(5), Decimal(0))).target is None


def test_a_fixed_target() -> None:
    found = fixed(Decimal(5), Decimal("0.1"))
    assert told(found) == (True, [])
    assert found.target is not None
    assert found.target.origin is Origin.FIXED
    assert told(fixed(Decimal(5), Decimal(0))) == (False, ["The SD is not above zero: such"])


def test_the_range_of_a_manufacturer() -> None:
    found = of_range(Decimal(4), Decimal(6))
    assert told(found) == (True, ["The range of the manufacturer "])
    assert found.target is not None
    assert (found.target.mean, found.target.sd) == (Decimal(5), Decimal("0.5"))
    three = of_range(Decimal(4), Decimal(7), widths=Decimal(3)).target
    assert three is not None
    assert three.sd == Decimal("0.5")
    assert told(of_range(Decimal(6), Decimal(6))) == (False, ["The range is empty: its upper "])
