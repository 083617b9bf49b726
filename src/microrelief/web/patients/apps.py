"""The app of patients."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    """Registers the models under the label `patients`."""

    name = "microrelief.web.patients"
    label = "patients"
