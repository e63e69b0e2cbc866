"""Addresses of replication."""

from django.urls import path

from aliquot.entrypoints.web.network.replication import views

urlpatterns = [path("", views.home, name="replication")]
