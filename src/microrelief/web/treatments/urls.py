"""Addresses of sessions."""

from django.urls import path

from microrelief.web.treatments import views

urlpatterns = [
    path("patients/<uuid:patient_id>/sessions/begin/", views.begin, name="begin_treatment"),
    path("sessions/<uuid:treatment_id>/", views.treatment, name="treatment"),
    path("sessions/<uuid:treatment_id>/copy/", views.copy_last, name="copy_treatment"),
    path("sessions/<uuid:treatment_id>/start/", views.start, name="start_treatment"),
    path("sessions/<uuid:treatment_id>/sign/", views.sign, name="sign_treatment"),
    path("sessions/<uuid:treatment_id>/correct/", views.correct, name="correct_treatment"),
    path("sessions/<uuid:treatment_id>/drop/", views.drop, name="drop_treatment"),
    path("recall/", views.recall, name="recall"),
]
