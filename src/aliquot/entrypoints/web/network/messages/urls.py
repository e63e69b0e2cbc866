"""Addresses of messages between nodes."""

from django.urls import path

from aliquot.entrypoints.web.network.messages import views

urlpatterns = [
    path("messages/", views.home, name="messages"),
    path("messages/address/", views.address, name="address"),
    path("messages/<uuid:uid>/again/", views.again, name="again"),
    path("lines/<slug:peer>/probe/", views.probe, name="probe"),
    path("lines/<slug:peer>/try/", views.retry, name="retry"),
    path("lines/<slug:peer>/renumber/", views.renumber, name="renumber"),
]
