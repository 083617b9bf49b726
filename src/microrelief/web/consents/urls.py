"""Addresses of consent."""

from django.urls import path

from microrelief.web.consents import views

urlpatterns = [
    path("patients/<uuid:patient_id>/consents/", views.consents, name="consents"),
    path("patients/<uuid:patient_id>/consents/<slug:purpose>/", views.ask, name="ask_consent"),
    path("consents/<uuid:consent_id>/withdraw/", views.withdraw, name="withdraw_consent"),
    path("photos/<uuid:photo_id>/hand-out/", views.hand_out, name="hand_out"),
    path("settings/consent-texts/", views.texts, name="consent_texts"),
]
