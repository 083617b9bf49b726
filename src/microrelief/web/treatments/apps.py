"""The app of sessions."""

from django.apps import AppConfig


class TreatmentsConfig(AppConfig):
    """Registers models, templates and static files under the label `treatments`."""

    name = "microrelief.web.treatments"
    label = "treatments"
