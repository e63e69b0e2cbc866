"""Addresses of comparability."""

from django.urls import path

from aliquot.entrypoints.web.quality.comparability import views

urlpatterns = [
    path("", views.comparability, name="comparability"),
    path("<str:code>/", views.test, name="comparability-test"),
]
