"""Addresses of patients."""

from django.urls import path

from microrelief.web.patients import views

urlpatterns = [
    path("patients/", views.patients, name="patients"),
    path("patients/new/", views.new_patient, name="new_patient"),
    path("patients/break-glass/", views.break_glass, name="break_glass"),
    path("patients/<uuid:patient_id>/", views.patient, name="patient"),
    path("patients/<uuid:patient_id>/change/", views.change_patient, name="change_patient"),
    path("patients/<uuid:patient_id>/care-team/", views.care_team, name="care_team"),
    path("patients/<uuid:patient_id>/merge/", views.merge, name="merge_patient"),
    path(
        "patients/<uuid:patient_id>/merged/<uuid:duplicate_id>/take-back/",
        views.take_merge_back,
        name="take_merge_back",
    ),
]
