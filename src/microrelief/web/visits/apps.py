"""The app of visits."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """Registers models, templates and static files under the label `visits`."""

    name = "microrelief.web.visits"
    label = "visits"
