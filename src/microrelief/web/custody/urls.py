"""Addresses of what leaves or must stay."""

from django.urls import path

from microrelief.web.custody import views

urlpatterns = [
    path("patients/<uuid:patient_id>/custody/", views.custody, name="custody"),
    path("patients/<uuid:patient_id>/export/", views.export, name="export_patient"),
    path("patients/<uuid:patient_id>/hold/", views.hold, name="hold_patient"),
    path("patients/<uuid:patient_id>/restrict/", views.restrict, name="restrict_patient"),
    path("patients/<uuid:patient_id>/erase/", views.erase, name="erase_patient"),
]
