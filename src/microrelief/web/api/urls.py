"""Addresses of the API, and of the page of one's keys."""

from django.urls import path

from microrelief.web.api import views
from microrelief.web.api.endpoints import api

urlpatterns = [
    path("account/keys/", views.api_keys, name="api_keys"),
    path("account/keys/<uuid:key_id>/revoke/", views.revoke, name="revoke_key"),
    path("api/v1/", api.urls),
]
