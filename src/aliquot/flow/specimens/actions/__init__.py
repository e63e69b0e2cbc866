"""Change tubes: plan, label, draw, take in, reject by test, draw again."""

from aliquot.flow.specimens.actions.collection import collect_specimens, print_labels, spin_specimens
from aliquot.flow.specimens.actions.intake import accept_specimens, accept_tests, note_condition
from aliquot.flow.specimens.actions.planning import (
    draw_added,
    order_tests,
    plan_specimens,
    serve_added,
    withdraw_item,
    withdraw_order,
)
from aliquot.flow.specimens.actions.redrawing import give_up_specimens, redraw_specimens
from aliquot.flow.specimens.actions.referring import (
    ForeignTube,
    adopt_specimen,
    refer_tests,
    return_tests,
)
from aliquot.flow.specimens.actions.rejection import (
    close_without_recollection,
    reject_tests,
    request_recollection,
)
from aliquot.flow.specimens.actions.steps import hand_over, record_steps
from aliquot.flow.specimens.rules.intake import AcceptOutcome, Intake

__all__ = [
    "AcceptOutcome",
    "ForeignTube",
    "Intake",
    "accept_specimens",
    "accept_tests",
    "adopt_specimen",
    "close_without_recollection",
    "collect_specimens",
    "draw_added",
    "give_up_specimens",
    "hand_over",
    "note_condition",
    "order_tests",
    "plan_specimens",
    "print_labels",
    "record_steps",
    "redraw_specimens",
    "refer_tests",
    "reject_tests",
    "request_recollection",
    "return_tests",
    "serve_added",
    "spin_specimens",
    "withdraw_item",
    "withdraw_order",
]
