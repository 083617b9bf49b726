"""The app of consultations."""

from django.apps import AppConfig


class ConsultationsConfig(AppConfig):
    """Registers models, templates and static files under the label `consultations`."""

    name = "microrelief.web.consultations"
    label = "consultations"
