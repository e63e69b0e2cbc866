"""Addresses of the bench."""

from django.urls import path

from aliquot.entrypoints.web.bench.views import (
    analyzers,
    calls,
    entering,
    histories,
    quarantine,
    replays,
    verifying,
)

urlpatterns = [
    path("", verifying.home, name="home"),
    path("verify/", verifying.verify, name="verify"),
    path("verify/more/", verifying.more, name="more"),
    path("results/<int:result_id>/", verifying.card, name="result"),
    path("results/<int:result_id>/release/", verifying.release, name="release"),
    path("results/<int:result_id>/release-order/", verifying.release_order, name="release-order"),
    path("results/<int:result_id>/hold/", verifying.hold, name="hold"),
    path("results/<int:result_id>/repeat/", verifying.repeat, name="repeat"),
    path("results/<int:result_id>/refuse/", verifying.refuse, name="refuse"),
    path("results/<int:result_id>/comment/", verifying.comment, name="comment"),
    path("results/<int:result_id>/amend/", verifying.amend, name="amend"),
    path("worklist/", entering.worklist, name="worklist"),
    path("worklist/more/", entering.more, name="worklist-more"),
    path("worklist/<int:item_id>/", entering.enter, name="enter-result"),
    path("calls/", calls.calls, name="calls"),
    path("calls/<int:call_id>/", calls.card, name="call"),
    path("calls/<int:call_id>/told/", calls.told, name="told"),
    path("calls/<int:call_id>/tried/", calls.tried, name="tried"),
    path("patients/<int:patient_id>/", histories.history, name="history"),
    path("analyzers/", analyzers.analyzers, name="analyzers"),
    path("analyzers/<str:code>/", analyzers.analyzer, name="analyzer"),
    path("analyzers/<str:code>/messages/<int:message_id>/", analyzers.session, name="session"),
    path("analyzers/<str:code>/replay/", replays.replay, name="replay"),
    path("quarantine/", quarantine.waiting, name="quarantine"),
    path("quarantine/decided/", quarantine.decided, name="decided"),
    path("quarantine/<str:kind>/<int:row_id>/", quarantine.card, name="quarantined"),
    path("quarantine/<str:kind>/<int:row_id>/assign/", quarantine.assign, name="assign"),
    path("quarantine/<str:kind>/<int:row_id>/dismiss/", quarantine.dismiss, name="dismiss"),
    path("quarantine/<str:kind>/<int:row_id>/replay/", quarantine.replay, name="replay"),
]
