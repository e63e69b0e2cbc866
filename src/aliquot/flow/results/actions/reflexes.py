"""Tests that a value brings: added to the order by the rule, or proposed for one key to confirm."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.orders.models import Order
from aliquot.flow.results.models import AddOn
from aliquot.flow.specimens.actions import draw_added, serve_added
from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.shapes import Reflex
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import record_events

SQL = Path(__file__).parent.parent / "sql"
DEEPEST = 2
"""An added test may bring others, and those no more."""
WAITING = (AddOn.State.PROPOSED, AddOn.State.REDRAW)
NOTE_LIMIT = 500


def add_reflexes(
    brought: Sequence[tuple[int, Evidence, Sequence[Reflex]]], *, by: Actor, at: datetime
) -> list[int]:
    """Note what rules add by these results (id, evidence, rules); ids of the new add-ons.

    Those that ask no consent are added at once, on a tube that is fit; else a new tube is proposed. Once for
    each order and rule, `DEEPEST` deep. Source: ISO 15189:2022, 7.2.3; the tariff is the rule's.
    """
    rows = [_row(result, one, rule) for result, one, rules in brought for rule in rules]
    if not rows:
        return []
    made = sql_files.fetch_rows(
        SQL, "insert_add_ons", rows=orjson.dumps(rows).decode(), deepest=DEEPEST, at=at
    )
    asking = {(row["order_id"], row["rule"]) for row in rows if row["consent"] == "ask"}
    for add_on, rule, order in made:
        if (order, rule) not in asking:
            _add(AddOn.objects.select_related("order").get(pk=add_on), by=by, at=at)
    return [row[0] for row in made]


def confirm_add_on(add_on_id: int, *, by: Actor, at: datetime) -> AddOn:
    """The add-on, agreed to: its tests are in the order, on a tube that is fit, or a new tube is planned.

    The first time without a fit tube it asks for a new one instead, with the reason; confirmed again, it is
    planned. A completed order is open again. Records "tests_added". Refused when it was decided already or
    the order is cancelled.
    """
    with transaction.atomic():
        found = _locked(add_on_id, by)
        if found.state == AddOn.State.PROPOSED:
            _add(found, by=by, at=at)
        else:
            draw_added(found.order, found.tests, rule=found.rule, is_billable=found.is_billed, by=by, at=at)
            _settle(found, AddOn.State.ADDED, found.note, by=by, at=at)
        return found


def decline_add_on(add_on_id: int, *, reason: str, by: Actor, at: datetime) -> AddOn:
    """The add-on, declined for a reason. Refused without one, or when it was decided already."""
    if not reason.strip():
        words = _("Write a reason: it is kept with the result.")
        raise Refused(words, fields={"reason": words})
    with transaction.atomic():
        found = _locked(add_on_id, by)
        _settle(found, AddOn.State.DECLINED, reason.strip(), by=by, at=at)
        return found


def _row(result: int, one: Evidence, rule: Reflex) -> dict[str, Any]:
    return {
        "order_id": one.order_id,
        "order_item_id": one.order_item_id,
        "rule": rule.code,
        "result_id": result,
        "tests": rule.add,
        "is_billed": rule.bill,
        "consent": rule.consent,
    }


def _locked(add_on_id: int, by: Actor) -> AddOn:
    """The add-on with its order, held; Refused when it does not wait any more."""
    if not {"release_result", "place_order"} & by.permissions:
        by.require("release_result")
    seen = AddOn.objects.filter(pk=add_on_id).first()
    if seen is None:
        raise Forbidden(_("This proposal is not visible here."))
    order = Order.objects.select_for_update().get(pk=seen.order_id)
    found = AddOn.objects.select_for_update().get(pk=add_on_id)
    found.order = order
    if found.state not in WAITING:
        raise Refused(_("This was decided already. Reload the page."))
    if order.state == Order.State.CANCELLED:
        raise Refused(_("The order is cancelled: nothing is added to it."))
    return found


def _add(found: AddOn, *, by: Actor, at: datetime) -> None:
    """Put the tests on a tube that is fit, or say why none is."""
    try:
        with transaction.atomic():
            serve_added(found.order, found.tests, rule=found.rule, is_billable=found.is_billed, by=by, at=at)
    except Refused as refusal:
        _settle(found, AddOn.State.REDRAW, str(refusal), by=by, at=at)
    else:
        _settle(found, AddOn.State.ADDED, "", by=by, at=at)


def _settle(found: AddOn, state: AddOn.State, note: str, *, by: Actor, at: datetime) -> None:
    found.state, found.note = state, note[:NOTE_LIMIT]
    found.decided_at, found.decided_by = (None, "") if state == AddOn.State.REDRAW else (at, by.key)
    found.save(update_fields=["state", "note", "decided_at", "decided_by"])
    if state == AddOn.State.ADDED:
        record_events("tests_added", [found.order_id], at=at)
