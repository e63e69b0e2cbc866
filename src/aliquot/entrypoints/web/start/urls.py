"""Addresses of signing in and of the region at a glance."""

from django.urls import path

from aliquot.entrypoints.web.start import views

urlpatterns = [
    path("", views.enter, name="enter"),
    path("start/", views.start, name="start"),
    path("start/glance/", views.glance, name="glance"),
    path("start/board/", views.board, name="board"),
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/prepared/", views.step_in, name="step-in"),
    path("place/", views.choose_place, name="choose-place"),
    path("sign-out/", views.sign_out, name="sign-out"),
]
