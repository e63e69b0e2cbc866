"""Addresses, by workplace."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from aliquot.entrypoints.api.messages import messages
from aliquot.entrypoints.api.metrics import metrics
from aliquot.entrypoints.web.shell.views import style_guide

WEB = "aliquot.entrypoints.web"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"{WEB}.start.urls")),
    path("language/", set_language, name="set_language"),
    path("fhir/", include("aliquot.entrypoints.api.urls")),
    path("metrics", metrics, name="metrics"),
    path("node/messages", messages, name="node-messages"),
    path("ordering/", include((f"{WEB}.ordering.urls", "ordering"))),
    path("collection/", include((f"{WEB}.collection.urls", "collection"))),
    path("reports/", include((f"{WEB}.reports.urls", "reports"))),
    path("reception/", include((f"{WEB}.reception.urls", "reception"))),
    path("transport/", include((f"{WEB}.transport.urls", "transport"))),
    path("bench/", include((f"{WEB}.bench.urls", "bench"))),
    path("corrections/", include((f"{WEB}.corrections.urls", "corrections"))),
    path("rules/", include((f"{WEB}.rules.urls", "rules"))),
    path("quality/", include((f"{WEB}.quality.urls", "quality"))),
    path("network/", include((f"{WEB}.network.urls", "network"))),
    path("setup/", include((f"{WEB}.setup.urls", "setup"))),
    path("style-guide/", style_guide, name="style-guide"),
]

handler400 = f"{WEB}.shell.views.bad_request"
handler403 = f"{WEB}.shell.views.permission_denied"
handler404 = f"{WEB}.shell.views.page_not_found"
handler500 = f"{WEB}.shell.views.server_error"
