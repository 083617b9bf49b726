"""The app of the clinic."""

from django.apps import AppConfig


class ClinicConfig(AppConfig):
    """Registers the models under the label `clinic`."""

    name = "microrelief.web.clinic"
    label = "clinic"
