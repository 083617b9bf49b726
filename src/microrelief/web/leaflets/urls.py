"""The address of the clinic's words on its sheets."""

from django.urls import path

from microrelief.web.leaflets import views

urlpatterns = [path("settings/sheets/", views.leaflets, name="leaflets")]
