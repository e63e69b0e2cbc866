"""Addresses of transport."""

from django.urls import path

from aliquot.entrypoints.web.transport import views

app_name = "transport"
urlpatterns = [
    path("", views.home, name="home"),
    path("now/", views.now_part, name="now"),
    path("scan/", views.scan, name="scan"),
    path("boxes/<str:number>/", views.box, name="box"),
    path("boxes/<str:number>/pick-up/", views.pick_up, name="pick-up"),
    path("boxes/<str:number>/hand-over/", views.hand_over, name="hand-over"),
]
