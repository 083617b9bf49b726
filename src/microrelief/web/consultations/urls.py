"""Addresses of consultations."""

from django.urls import path

from microrelief.web.consultations import views

urlpatterns = [
    path("patients/<uuid:patient_id>/consultations/begin/", views.begin, name="begin_consultation"),
    path("consultations/<uuid:consultation_id>/", views.consultation, name="consultation"),
    path("consultations/<uuid:consultation_id>/sign/", views.sign, name="sign_consultation"),
    path("consultations/<uuid:consultation_id>/copy/", views.copy_forward, name="copy_consultation"),
    path("consultations/<uuid:consultation_id>/correct/", views.correct, name="correct_consultation"),
    path("consultations/<uuid:consultation_id>/drop/", views.drop, name="drop_consultation"),
]
