"""Addresses of the network."""

from django.urls import include, path

app_name = "network"
urlpatterns = [
    path("", include("aliquot.entrypoints.web.network.messages.urls")),
    path("", include("aliquot.entrypoints.web.network.referrals.urls")),
    path("replication/", include("aliquot.entrypoints.web.network.replication.urls")),
]
