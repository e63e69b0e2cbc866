"""Addresses of ordering."""

from django.urls import path

from aliquot.entrypoints.web.ordering.views import added, adding, orders, patients, placing

app_name = "ordering"
urlpatterns = [
    path("", orders.home, name="home"),
    path("search/", orders.search, name="search"),
    path("patients/new/", patients.register, name="register"),
    path("patients/number/", patients.check_number, name="check-number"),
    path("patients/claim/", patients.claim, name="claim"),
    path("patients/<int:pk>/", patients.card, name="patient"),
    path("patients/<int:pk>/edit/", patients.edit, name="edit"),
    path("patients/<int:pk>/merge/<int:other>/", patients.merge, name="merge"),
    path("merges/<int:pk>/undo/", patients.unmerge, name="unmerge"),
    path("patients/<int:pk>/order/", placing.place, name="place"),
    path("catalogue/", placing.catalogue, name="catalogue"),
    path("basket/", placing.basket, name="basket"),
    path("added/", added.added, name="added"),
    path("added/charges/", added.charges, name="charges"),
    path("orders/<str:number>/", orders.order, name="order"),
    path("orders/<str:number>/cancel/", orders.cancel, name="cancel"),
    path("orders/<str:number>/tests/<str:code>/cancel/", orders.cancel_test, name="cancel-test"),
    path("orders/<str:number>/tests/", adding.add, name="add"),
    path("orders/<str:number>/addable/", adding.addable, name="addable"),
    path("orders/<str:number>/add-ons/<int:add_on_id>/", adding.consent, name="consent"),
    path("orders/<str:number>/add-ons/<int:add_on_id>/decline/", adding.decline, name="decline"),
]
