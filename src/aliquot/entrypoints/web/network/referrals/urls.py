"""Addresses of work between regions."""

from django.urls import path

from aliquot.entrypoints.web.network.referrals import views

urlpatterns = [
    path("regions/", views.home, name="referrals"),
    path("regions/send/", views.send, name="send-out"),
    path("regions/agree/", views.agree, name="agree"),
]
