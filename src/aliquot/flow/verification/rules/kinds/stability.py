"""How old the specimen was when measured, against how long the test bears it.

Source: ISO 15189:2022, 7.2.6 and 7.2.7; limits per test from the catalogue, each with its own source. The
temperature is taken as 15-25 °C: without a record of the way nobody may count on the cold.
"""

from datetime import datetime

from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.facts import TestFacts
from aliquot.flow.verification.rules.plan import Plan
from aliquot.flow.verification.rules.reasons import Reason, because


def stability_reasons(evidence: Evidence, plan: Plan) -> list[Reason]:
    """Every reason for which the specimen's age forbids release, or leaves it open."""
    if evidence.is_computed:
        return []
    collected, measured = evidence.collected_at, evidence.measured_at
    if collected is None:
        return [because("collection_unknown")]
    if measured is None:
        return [because("measured_unknown")]
    if measured < collected:
        return [because("measured_before_collected")]
    return _age_reasons(evidence.spun_at, collected, measured, plan.facts)


def _age_reasons(
    spun: datetime | None, collected: datetime, measured: datetime, facts: TestFacts
) -> list[Reason]:
    """What the time between forbids; without a known limit nothing is stable."""
    stable = facts.stable_room_minutes
    if stable is None:
        return [because("stability_unknown")]
    if not facts.is_centrifuged:
        return _exceeded("stability_exceeded", collected, measured, stable)
    return _spun_reasons(spun, collected, measured, stable, facts.unspun_room_minutes)


def _spun_reasons(
    spun: datetime | None, collected: datetime, measured: datetime, stable: int, unspun: int | None
) -> list[Reason]:
    """Unspun until the centrifuge, stable after it; a spin that nobody recorded counts as none."""
    if spun is None or spun < collected or spun > measured:
        spun = measured
    if unspun is None:
        before = [because("stability_unknown")]
    else:
        before = _exceeded("unspun_too_long", collected, spun, unspun)
    after = collected if spun == measured else spun
    return before + _exceeded("stability_exceeded", after, measured, stable)


def _exceeded(code: str, start: datetime, end: datetime, limit: int) -> list[Reason]:
    """The reason when more than `limit` minutes passed; exactly the limit is still good."""
    seconds = (end - start).total_seconds()
    return [because(code, minutes=int(seconds // 60), limit=limit)] if seconds > limit * 60 else []
