"""Addresses of the binder."""

from django.urls import path

from aliquot.entrypoints.web.quality.accreditation import views

urlpatterns = [path("", views.binder, name="accreditation")]
