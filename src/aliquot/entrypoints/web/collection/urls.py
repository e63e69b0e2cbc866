"""Addresses of collection."""

from django.urls import path

from aliquot.entrypoints.web.collection.views import drawing, packing, spinning

app_name = "collection"
urlpatterns = [
    path("", drawing.home, name="home"),
    path("orders/<str:number>/", drawing.draw, name="draw"),
    path("orders/<str:number>/tubes/", drawing.rack, name="rack"),
    path("orders/<str:number>/scan/", drawing.scan, name="scan"),
    path("orders/<str:number>/labels/", drawing.labels, name="labels"),
    path("recollect/", drawing.recollect, name="recollect"),
    path("give-up/", drawing.give_up, name="give-up"),
    path("centrifuge/", spinning.centrifuge, name="centrifuge"),
    path("centrifuge/scan/", spinning.scan, name="spin"),
    path("boxes/", packing.boxes, name="boxes"),
    path("boxes/<str:number>/", packing.box, name="box"),
    path("boxes/<str:number>/scan/", packing.scan, name="pack"),
    path("boxes/<str:number>/unpack/", packing.unpack, name="unpack"),
    path("boxes/<str:number>/close/", packing.close, name="close"),
    path("boxes/<str:number>/manifest/", packing.print_manifest, name="manifest"),
]
