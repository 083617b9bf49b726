"""Addresses of what the clinic uses."""

from django.urls import path

from microrelief.web.stock import views

urlpatterns = [
    path("settings/zones/", views.zones, name="clinic_zones"),
    path("settings/stock/", views.stock, name="stock"),
    path("settings/stock/new/<slug:kind>/", views.new_item, name="new_stock_item"),
    path("settings/stock/<uuid:item_id>/", views.item, name="stock_item"),
    path("settings/stock/<uuid:item_id>/retire/", views.retire, name="retire_stock_item"),
]
