"""Addresses of reception."""

from django.urls import path

from aliquot.entrypoints.web.reception.views import acceptance, boxes, missing, tubes

app_name = "reception"
urlpatterns = [
    path("", boxes.home, name="home"),
    path("boxes/", boxes.box_list, name="boxes"),
    path("scan/", boxes.scan_in_hand, name="scan"),
    path("boxes/<str:number>/", boxes.box, name="box"),
    path("boxes/<str:number>/receive/", boxes.receive, name="receive"),
    path("boxes/<str:number>/scan/", boxes.scan, name="scan-in-box"),
    path("boxes/<str:number>/finish/", boxes.finish, name="finish"),
    path("acceptance/", acceptance.queue, name="acceptance"),
    path("acceptance/accept/", acceptance.accept, name="accept"),
    path("decisions/", acceptance.decisions, name="decisions"),
    path("decisions/together/", acceptance.together, name="together"),
    path("missing/", missing.missing, name="missing"),
    path("tubes/find/", tubes.find, name="find"),
    path("tubes/<str:number>/", tubes.tube, name="tube"),
    path("tubes/<str:number>/condition/", tubes.condition, name="condition"),
    path("tubes/<str:number>/reject/", tubes.reject, name="reject"),
    path("tubes/<str:number>/concede/", tubes.concede, name="concede"),
    path("tubes/<str:number>/recollect/", tubes.recollect, name="recollect"),
]
